"""The exceptions that come from the engine, under classic PySpark's module name."""
from pyspark_compat_worker.captured import (  # noqa: F401
    AnalysisException,
    ArithmeticException,
    ArrayIndexOutOfBoundsException,
    CapturedException,
    DataFrameQueryContext,
    DateTimeException,
    IllegalArgumentException,
    NumberFormatException,
    ParseException,
    PythonException,
    QueryExecutionException,
    SparkNoSuchElementException,
    SparkRuntimeException,
    SparkUpgradeException,
    SQLQueryContext,
    StreamingQueryException,
    UnknownException,
    UnsupportedOperationException,
)


def convert_exception(e):
    """The exception for an engine's error given as a dict."""
    from pyspark_compat.errors.exceptions import from_engine

    return from_engine(e)
