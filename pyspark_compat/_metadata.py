"""What importlib.metadata says of the distribution `pyspark` while the alias is in place."""
import importlib.metadata
import pathlib

from pyspark_compat.version import __version__

_FILES = {
    "METADATA": f"Metadata-Version: 2.1\nName: pyspark\nVersion: {__version__}\n"
                "Summary: pyspark-compat answering for PySpark\n",
    "top_level.txt": "pyspark\n",
    "RECORD": "",
}


class PySparkDistribution(importlib.metadata.Distribution):
    """The distribution `pyspark` of the version that this package speaks."""

    def read_text(self, filename):
        return _FILES.get(filename)

    def locate_file(self, path):
        return pathlib.Path(__file__).parent.parent / path
