"""Builds the engine: gopy binds pybridge/native, one Go link makes the extension module.

gopy's own `build` command links twice and rewrites go.mod; this takes its generator and does the rest:
the C header comes from cgo instead of from a first link.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent
NAME = "pysparkcompat"
MODULE = f"pyspark_compat._gopy._{NAME}"
BOUND = "./pybridge/native"


class BuildEngine(build_ext):
    """Runs gopy for the one extension of this distribution."""

    def build_extension(self, ext):
        if shutil.which("go") is None:
            raise SystemExit("pyspark-compat is built from source with Go 1.26 or later, and no `go` is on PATH")
        target = Path(self.get_ext_fullpath(ext.name)).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        # Inside the module, so that the generated package can import what it binds.
        work = ROOT / "build" / f"gopy-{sys.implementation.cache_tag}"
        stamp = work / "generated-from"
        if not stamp.exists() or stamp.read_text() != bound():
            shutil.rmtree(work, ignore_errors=True)
            generate(work)
            stamp.write_text(bound())
        made = work / target.name
        run("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", made.name, ".", cwd=work)
        shutil.move(made, target)


def bound():
    """What the generated sources depend on: the bound package, the tools' versions, the interpreter."""
    seen = hashlib.sha256(sys.version.encode() + sys.executable.encode())
    for source in [*sorted((ROOT / BOUND).glob("*.go")), ROOT / "go.mod", Path(__file__)]:
        seen.update(source.read_bytes())
    return seen.hexdigest()


def generate(work):
    """Writes the Go and C sources of the extension module into work."""
    run(
        "go", "tool", "gopy", "gen", f"-vm={sys.executable}", f"-output={work}", f"-name={NAME}",
        "-dynamic-link=true", "-no-make", BOUND, cwd=ROOT,
    )  # fmt: skip
    source = work / f"{NAME}.go"
    # gopy copies the interpreter's own link flags, with this machine's library paths in them.
    flags = "-undefined dynamic_lookup" if sys.platform == "darwin" else ""
    text, replaced = re.subn(r"(?m)^#cgo LDFLAGS:.*$", f"#cgo LDFLAGS: {flags}", source.read_text())
    if replaced != 1:
        raise SystemExit("gopy wrote no link flags where setup.py expects them")
    source.write_text(text)
    run("go", "tool", "goimports", "-w", source.name, cwd=work)
    includes = re.search(r"(?m)^#cgo CFLAGS: (.*)$", text).group(1).replace('"', "").split()
    run(
        "go", "tool", "cgo", "-objdir", "cgo", "-exportheader", f"{NAME}_go.h", "--", *includes, source.name, cwd=work
    )
    shutil.rmtree(work / "cgo")
    run(sys.executable, "build.py", cwd=work)


def run(*command, cwd):
    # Pebble without its C library for zstd, which no table of ours is packed by and every build would compile anew
    flags = f"{os.environ.get('GOFLAGS', '')} -tags=pebblegozstd".strip()
    env = dict(os.environ, CGO_ENABLED="1", GOFLAGS=flags)
    done = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}\nfailed with exit code {done.returncode}")


setup(
    packages=find_packages(include=["pyspark_compat", "pyspark_compat.*"])
    + find_packages("python", include=["pyspark_compat_worker", "pyspark_compat_worker.*"]),
    package_dir={"pyspark_compat_worker": "python/pyspark_compat_worker"},
    ext_modules=[Extension(MODULE, sources=[])],
    cmdclass={"build_ext": BuildEngine},
)
