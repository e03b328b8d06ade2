"""Structured logs, as pyspark.logger writes them."""
from pyspark_compat.logger.logger import SPARK_LOG_SCHEMA, PySparkLogger

__all__ = ["PySparkLogger", "SPARK_LOG_SCHEMA"]
