"""Where the Python sources of pyspark 4.3.0 are: their docstring examples and signatures are read, never imported.

    python tests/conformance/sources.py FOLDER     # downloads the package once and unpacks its Python files there
"""

import importlib.util
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

VERSION = "4.3.0"


def find():
    """PYSPARK_SOURCES, what the target unpacked, the oracle's environment, an installed PySpark; or None."""
    root = pathlib.Path(__file__).resolve().parents[2] / "build"
    places = [os.environ.get("PYSPARK_SOURCES"), root / "pyspark-sources", *root.glob("oracle/lib/python*/site-packages")]
    spec = importlib.util.find_spec("pyspark")
    if spec and spec.origin:
        places.append(pathlib.Path(spec.origin).parents[1])
    for place in places:
        if place and version(pathlib.Path(place)) == VERSION:
            return pathlib.Path(place)
    return None


def version(place):
    file = place / "pyspark" / "version.py"
    if not file.exists():
        return None
    scope = {}
    exec(file.read_text(), scope)
    return scope.get("__version__")


def download(folder):
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"pyspark=={VERSION}", "-d", work], check=True)
        archive = next(pathlib.Path(work).glob("pyspark*"))
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as z:
                z.extractall(folder, [n for n in z.namelist() if n.endswith(".py")])
            return
        with tarfile.open(archive) as t:
            prefix = f"pyspark-{VERSION}/"
            for member in t:
                if member.isfile() and member.name.startswith(prefix + "pyspark/") and member.name.endswith(".py"):
                    member.name = member.name.removeprefix(prefix)
                    t.extract(member, folder, filter="data")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    if version(target) != VERSION and find() is None:
        download(target)
