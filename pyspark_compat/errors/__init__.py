"""PySpark's exceptions."""
from pyspark_compat_worker.errors import (  # noqa: F401
    AnalysisException, ArithmeticException, ArrayIndexOutOfBoundsException, DateTimeException,
    IllegalArgumentException, NumberFormatException, ParseException, PickleException, PySparkAssertionError,
    PySparkAttributeError, PySparkException, PySparkImportError, PySparkIndexError, PySparkKeyError,
    PySparkNotImplementedError, PySparkPicklingError, PySparkRuntimeError, PySparkTypeError, PySparkValueError,
    PythonException, QueryContext, QueryContextType, QueryExecutionException, SessionNotSameException,
    SparkNoSuchElementException, SparkRuntimeException, SparkUpgradeException,
    StreamingPythonRunnerInitializationException, StreamingQueryException, TempTableAlreadyExistsException,
    UnknownException, UnsupportedOperationException)

__all__ = sorted(n for n in globals() if not n.startswith("_") and n[0].isupper())
