"""The old name of pyspark_compat.core.files."""
import sys

from pyspark_compat.core import files

sys.modules[__name__] = files
