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
HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = pathlib.Path("pyspark", "examples", "src", "main", "python")


def find():
    """The first place with the sources of that version, or None."""
    return next((place for place in places() if version(place) == VERSION), None)


def examples(part="sql/streaming"):
    """A folder of the examples that the package brings, or None."""
    return next((place / EXAMPLES / part for place in places() if version(place) == VERSION and (place / EXAMPLES / part).is_dir()), None)


def places():
    """PYSPARK_SOURCES, what the target unpacked, the oracle's environment, an installed PySpark."""
    root = HERE.parents[1] / "build"
    found = [os.environ.get("PYSPARK_SOURCES"), root / "pyspark-sources", *root.glob("oracle/lib/python*/site-packages")]
    spec = importlib.util.find_spec("pyspark")
    if spec and spec.origin:
        found.append(pathlib.Path(spec.origin).parents[1])
    return [pathlib.Path(place) for place in found if place]


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
                if not member.isfile() or not member.name.endswith(".py"):
                    continue
                name = member.name.removeprefix(prefix)
                if name.startswith("deps/examples/"):  # which the build moves
                    member.name = str(EXAMPLES / name.removeprefix("deps/examples/"))
                elif name.startswith("pyspark/"):
                    member.name = name
                else:
                    continue
                t.extract(member, folder, filter="data")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    there = version(target) == VERSION and (target / EXAMPLES / "streaming").is_dir()
    if not there and (find() is None or examples() is None or examples("streaming") is None):
        download(target)
