"""The old name of pyspark_compat.core.rdd."""
import sys

from pyspark_compat.core import rdd

sys.modules[__name__] = rdd
