"""Tries a wheel as a user would: a fresh environment, no Go, no compiler, none of this tree on the path.

    python tests/wheel.py dist/pyspark_compat-….whl
"""

import os
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from pathlib import Path

MAX_BYTES = 60_000_000
PROBE = """
import time
start = time.perf_counter()
import pyspark_compat
from pyspark_compat import _native
assert not _native.loaded(), "importing the package loaded the engine"
imported = time.perf_counter()
print(f"engine {_native.version()}, import {1000 * (imported - start):.0f} ms, engine loaded in "
      f"{1000 * (time.perf_counter() - imported):.0f} ms")
"""


def main(wheel):
    size = wheel.stat().st_size
    with zipfile.ZipFile(wheel) as z:
        engine = [i for i in z.infolist() if i.filename.endswith(".so")]
        names = z.namelist()
    assert len(engine) == 1, f"one extension module is due, there are {engine}"
    assert size < MAX_BYTES, f"{wheel.name} has {size} bytes"
    assert any(n.startswith("pyspark_compat_worker/") for n in names), "the worker's package is missing"
    assert any("manylinux" in part for part in wheel.name.split("-")), f"{wheel.name} has no manylinux tag"
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        environment = {"PATH": str(python.parent), "HOME": os.environ.get("HOME", folder)}
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "PIP_CERT", "SSL_CERT_FILE", "https_proxy"):
            if name in os.environ:
                environment[name] = os.environ[name]
        start = time.monotonic()
        subprocess.run([python, "-m", "pip", "install", "-q", wheel.resolve()], check=True, env=environment, cwd=folder)
        print(f"{wheel.name}: {size / 1e6:.1f} MB, engine {engine[0].file_size / 1e6:.1f} MB, "
              f"installed in {time.monotonic() - start:.0f} s")
        subprocess.run([python, "-c", PROBE], check=True, env=environment, cwd=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
