"""Errors that come from the engine: classic PySpark's captured exceptions, with the engine's text and SQLSTATE."""
import re

from pyspark_compat_worker import errors as base
from pyspark_compat_worker.errors import PySparkException, QueryContext, QueryContextType


class CapturedException(PySparkException):
    """An error raised by the engine."""

    _shown = None  # what str() shows where it is more than condition, text and SQLSTATE

    def __init__(self, desc=None, stackTrace=None, cause=None, origin=None):
        super().__init__(message=desc or "")
        self._desc = desc or ""
        self._stackTrace = stackTrace or ""
        self._cause = cause
        self._origin = origin

    @classmethod
    def _of(cls, condition, parameters, text, state, contexts=(), cause=None, trace=None):
        """An error with a condition; `text` is the message without its "[CONDITION]" and "SQLSTATE" parts."""
        error = cls(desc="", stackTrace=trace, cause=cause)
        error._errorClass = condition
        error._messageParameters = parameters if condition is not None else None
        error._message = text
        error._sqlState = state
        error._contexts = list(contexts)
        error._desc = str(error)
        return error

    def getMessage(self):
        if self.getCondition() is None:
            return ""
        state = self.getSqlState()
        named = not self.getCondition().startswith("_LEGACY_ERROR")  # as in PySpark, these names are not shown
        text = f"[{self.getCondition()}] {self._message}" if named else self._message
        return f"{text} SQLSTATE: {state}" if state else text

    def __str__(self):
        if self._shown:
            return self._shown
        return self._message if self.getCondition() is None else self.getMessage()


class AnalysisException(CapturedException, base.AnalysisException):
    """A plan that cannot be analysed."""


class ParseException(AnalysisException, base.ParseException):
    """SQL text that does not parse."""


class IllegalArgumentException(CapturedException, base.IllegalArgumentException):
    """An argument out of its range."""


class StreamingQueryException(CapturedException, base.StreamingQueryException):
    """What ended a streaming query."""


class QueryExecutionException(CapturedException, base.QueryExecutionException):
    """A query that failed while it ran."""


class PythonException(CapturedException, base.PythonException):
    """An error raised by the user's function in a worker."""

    def __str__(self):
        given = self.getMessageParameters() or {}
        if "msg" not in given or "traceback" not in given:
            return super().__str__()
        return f"{given['msg']}:\n{given['traceback'].strip()}"


class ArithmeticException(CapturedException, base.ArithmeticException):
    """Overflow, division by zero and their like."""


class UnsupportedOperationException(CapturedException, base.UnsupportedOperationException):
    """An operation that Spark does not support."""


class ArrayIndexOutOfBoundsException(CapturedException, base.ArrayIndexOutOfBoundsException):
    """An array index out of bounds."""


class DateTimeException(CapturedException, base.DateTimeException):
    """A date or time that is none."""


class NumberFormatException(IllegalArgumentException, base.NumberFormatException):
    """Text that is no number."""


class SparkRuntimeException(CapturedException, base.SparkRuntimeException):
    """An error of running a plan, with a condition."""


class SparkUpgradeException(CapturedException, base.SparkUpgradeException):
    """A result that differs between Spark versions."""


class SparkNoSuchElementException(CapturedException, base.SparkNoSuchElementException):
    """Something that was looked up and is not there."""


class UnknownException(CapturedException, base.UnknownException):
    """None of the others."""


class Py4JError(PySparkException):
    """What PySpark raises where its JVM refuses; here the root of the same refusals."""

    __module__ = "py4j.protocol"


class Py4JNetworkError(Py4JError):
    """A broken connection to a JVM: never raised here, as there is none."""

    __module__ = "py4j.protocol"


class Py4JJavaError(CapturedException, Py4JError):
    """An error of running a job. `java_exception` has the methods of a Java exception that programs call."""

    __module__ = "py4j.protocol"

    captured = False  # whether there was a SparkSession: PySpark then turns Java's exceptions into its own

    @classmethod
    def _java(cls, name, text, condition=None):
        """The error for an exception of this Java class."""
        kind = _WITH_SESSION.get(name.rpartition(".")[2], cls) if Py4JJavaError.captured else cls
        error = kind(desc=f"{name}: {text}")
        error._java_class = name
        if kind is not cls:
            error._message, error._errorClass = text, condition
        return error

    def _of_session(self):
        """This error, or what PySpark gives for it once there is a SparkSession."""
        cause = self._cause
        if not Py4JJavaError.captured or not isinstance(cause, base.PythonException):
            return self
        return _JobPythonException._of(cause.getCondition(), cause.getMessageParameters(), cause._message, cause.getSqlState(),
                                       cause=cause)

    @property
    def java_exception(self):
        return _JavaException(self)

    @property
    def errmsg(self):
        return str(self)


def _both(kind):
    """A kind of captured exception that is a Py4JJavaError too, under the first one's name."""
    return type(kind.__name__, (kind, Py4JJavaError), {"__module__": kind.__module__, "__doc__": kind.__doc__})


_JobPythonException = _both(PythonException)
_WITH_SESSION = {
    "IllegalArgumentException": _both(IllegalArgumentException),
    "SparkUnsupportedOperationException": _both(UnsupportedOperationException),
}
_WITH_SESSION["UnsupportedOperationException"] = _WITH_SESSION["SparkUnsupportedOperationException"]


_JAVA_CLASS = re.compile(r"(?:^|\n: )([a-z]\w*(?:\.[\w$]+)+)(?=:|$)")


class _JavaException:
    """What a program may ask a Java exception."""

    def __init__(self, error):
        self._error = error

    def getMessage(self):
        found = _JAVA_CLASS.search(str(self._error))
        return str(self._error)[found.end():].removeprefix(": ") if found else str(self._error)

    getLocalizedMessage = getMessage

    def toString(self):
        return str(self._error)

    __str__ = toString

    def getCause(self):
        return None if self._error._cause is None else _JavaException(self._error._cause)

    def getStackTrace(self):
        return []

    def getClass(self):
        return self

    def getName(self):
        found = _JAVA_CLASS.search(str(self._error))
        return getattr(self._error, "_java_class", found[1] if found else "org.apache.spark.SparkException")

    def getSimpleName(self):
        return self.getName().rpartition(".")[2]

    getCanonicalName = getName


class _Context(QueryContext):
    kind = None

    def __init__(self, q):
        self._q = q

    def contextType(self):
        return self.kind

    def objectType(self):
        return str(self._q.get("objectType", ""))

    def objectName(self):
        return str(self._q.get("objectName", ""))

    def startIndex(self):
        return int(self._q.get("startIndex", -1))

    def stopIndex(self):
        return int(self._q.get("stopIndex", -1))

    def fragment(self):
        return str(self._q.get("fragment", ""))

    def callSite(self):
        return str(self._q.get("callSite", ""))

    def summary(self):
        return str(self._q.get("summary", ""))


class SQLQueryContext(_Context):
    """A place in SQL text."""

    kind = QueryContextType.SQL


class DataFrameQueryContext(_Context):
    """A place in the user's Python code."""

    kind = QueryContextType.DataFrame
