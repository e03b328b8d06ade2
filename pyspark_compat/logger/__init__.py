"""Structured logs, as pyspark.logger writes them."""
from pyspark_compat.logger.logger import SPARK_LOG_SCHEMA, PySparkLogger

__all__ = ["SPARK_LOG_SCHEMA", "PySparkLogger"]
