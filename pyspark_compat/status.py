"""The old name of pyspark_compat.core.status."""
import sys

from pyspark_compat.core import status

sys.modules[__name__] = status
