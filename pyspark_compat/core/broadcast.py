"""Broadcast under PySpark's module name."""
from pyspark_compat_worker.broadcast import Broadcast

__all__ = ["Broadcast"]
