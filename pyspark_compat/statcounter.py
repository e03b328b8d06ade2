"""StatCounter under PySpark's module name."""
from pyspark_compat_worker.stat_counter import StatCounter  # noqa: F401
