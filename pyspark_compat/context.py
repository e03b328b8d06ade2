"""SparkContext under PySpark's older module name."""
from pyspark_compat.core.context import SparkContext  # noqa: F401

__all__ = ["SparkContext"]
