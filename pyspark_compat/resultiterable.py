"""What groupByKey gives for the values of a key."""
from pyspark_compat_worker.rdd_lists import ResultIterable

__all__ = ["ResultIterable"]
