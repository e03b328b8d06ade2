"""The old name of pyspark_compat.core.broadcast."""
import sys

from pyspark_compat.core import broadcast

sys.modules[__name__] = broadcast
