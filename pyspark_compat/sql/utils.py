"""Small questions that user code asks of pyspark.sql.utils."""
from enum import Enum

from pyspark_compat.errors import (  # noqa: F401
    AnalysisException,
    IllegalArgumentException,
    ParseException,
    PythonException,
    QueryExecutionException,
    SparkUpgradeException,
    StreamingQueryException,
    UnknownException,
)


def is_remote():
    """Whether the session speaks to a Spark Connect server."""
    import os

    return "SPARK_CONNECT_MODE_ENABLED" in os.environ


def is_timestamp_ntz_preferred():
    """Whether a datetime without zone is TIMESTAMP_NTZ: the session's spark.sql.timestampType."""
    import sys

    module = sys.modules.get("pyspark_compat.sql.session")
    session = module.SparkSession.getActiveSession() if module is not None else None
    if session is None:
        return False
    return session.conf.get("spark.sql.timestampType", "TIMESTAMP_LTZ") == "TIMESTAMP_NTZ"


def enum_to_value(value):
    return value.value if isinstance(value, Enum) else value


def get_active_spark_context():
    """The running SparkContext."""
    from pyspark_compat_worker.errors import PySparkRuntimeError

    from pyspark_compat import SparkContext

    context = SparkContext._active_spark_context
    if context is None:
        raise PySparkRuntimeError(errorClass="SESSION_OR_CONTEXT_NOT_EXISTS", messageParameters={})
    return context


def escape_meta_characters(s):
    from pyspark_compat_worker.types_nested import _escaped

    return _escaped(s)


def has_numpy():
    import importlib.util

    return importlib.util.find_spec("numpy") is not None


def to_str(value):
    """An option's text: lower case for bools, None stays None."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
