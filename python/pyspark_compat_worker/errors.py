"""The tree of PySpark's exceptions, usable by driver and workers alike.

A condition of our Python table gives its text from `conditions`; an engine's error brings text and SQLSTATE along.
"""
import re
import warnings
from _pickle import PicklingError  # pickle.PicklingError itself, without loading pickle
from abc import ABC, abstractmethod
from enum import Enum

from pyspark_compat_worker.conditions import CONDITIONS

_PARAMETER = re.compile(r"<([a-zA-Z0-9_-]+)>")


def condition_text(condition, parameters):
    """The text of a Python-side condition with its parameters filled in."""
    row = CONDITIONS.get(condition)
    if row is None:
        given = ", ".join(f"{k}={v}" for k, v in parameters.items())
        return f"{condition.replace('_', ' ').lower()}: {given}" if given else condition.replace("_", " ").lower()
    wanted = set(_PARAMETER.findall(row[0]))
    assert wanted == set(parameters), f"{condition} takes {sorted(wanted)}, got {sorted(parameters)}"
    return _PARAMETER.sub(lambda m: str(parameters[m.group(1)]), row[0])


def condition_state(condition):
    row = CONDITIONS.get(condition.split(".")[0]) if condition else None
    return row[1] if row else None


class PySparkException(Exception):
    """The root of all errors raised by this package."""

    def __init__(self, message=None, errorClass=None, messageParameters=None, contexts=None):
        if message is None:
            message = condition_text(errorClass, messageParameters or {}) if errorClass else ""
        self._message = message
        self._errorClass = errorClass
        self._messageParameters = messageParameters
        self._contexts = [] if contexts is None else contexts
        self._sqlState = None

    def getCondition(self):
        return self._errorClass

    def getErrorClass(self):
        warnings.warn("getErrorClass is deprecated since 4.0.0; use getCondition.", FutureWarning)
        return self.getCondition()

    def getMessageParameters(self):
        return self._messageParameters

    def getSqlState(self):
        return self._sqlState if self._sqlState is not None else condition_state(self._errorClass)

    def getMessage(self):
        return f"[{self.getCondition()}] {self._message}"

    def getBreakingChangeInfo(self):
        return None

    def getQueryContext(self):
        return self._contexts

    def __str__(self):
        return self.getMessage() if self.getCondition() is not None else self._message

    def __reduce__(self):
        return _restore, (type(self), dict(self.__dict__))


def _restore(kind, state):
    error = kind.__new__(kind)
    error.__dict__.update(state)
    return error


class AnalysisException(PySparkException):
    """A plan that cannot be analysed."""


class SessionNotSameException(PySparkException):
    """Two sessions in one operation."""


class TempTableAlreadyExistsException(AnalysisException):
    """The temporary view exists."""


class ParseException(AnalysisException):
    """SQL text that does not parse."""


class IllegalArgumentException(PySparkException):
    """An argument out of its range."""


class ArithmeticException(PySparkException):
    """Overflow, division by zero and their like."""


class UnsupportedOperationException(PySparkException):
    """An operation that Spark does not support."""


class ArrayIndexOutOfBoundsException(PySparkException):
    """An array index out of bounds."""


class DateTimeException(PySparkException):
    """A date or time that is none."""


class NumberFormatException(IllegalArgumentException):
    """Text that is no number."""


class StreamingQueryException(PySparkException):
    """What ended a streaming query."""


class StreamingPythonRunnerInitializationException(PySparkException):
    """A streaming Python worker that did not start."""


class QueryExecutionException(PySparkException):
    """A query that failed while it ran."""


class PythonException(PySparkException):
    """An error raised by the user's function in a worker."""


class SparkRuntimeException(PySparkException):
    """An error of running a plan, with a condition."""


class SparkUpgradeException(PySparkException):
    """A result that differs between Spark versions."""


class SparkNoSuchElementException(PySparkException):
    """Something that was looked up and is not there."""


class UnknownException(PySparkException):
    """None of the others."""


class PySparkValueError(PySparkException, ValueError):
    """A ValueError with a condition."""


class PySparkTypeError(PySparkException, TypeError):
    """A TypeError with a condition."""


class PySparkIndexError(PySparkException, IndexError):
    """An IndexError with a condition."""


class PySparkAttributeError(PySparkException, AttributeError):
    """An AttributeError with a condition."""


class PySparkRuntimeError(PySparkException, RuntimeError):
    """A RuntimeError with a condition."""


class PySparkAssertionError(PySparkException, AssertionError):
    """An AssertionError with a condition and the data that differs."""

    def __init__(self, message=None, errorClass=None, messageParameters=None, data=None):
        super().__init__(message, errorClass, messageParameters)
        self.data = data


class PySparkNotImplementedError(PySparkException, NotImplementedError):
    """What PySpark has and we lack."""


class PySparkPicklingError(PySparkException, PicklingError):
    """A PicklingError with a condition."""


class PySparkKeyError(PySparkException, KeyError):
    """A KeyError with a condition."""


class PySparkImportError(PySparkException, ImportError):
    """An ImportError with a condition."""


class PickleException(PySparkException):
    """Pickling failed on the engine's side."""


class QueryContextType(Enum):
    """Where the text of a query context comes from."""

    SQL = 0
    DataFrame = 1


class QueryContext(ABC):
    """The place in the user's query that an error points at."""

    @abstractmethod
    def contextType(self): ...

    @abstractmethod
    def objectType(self): ...

    @abstractmethod
    def objectName(self): ...

    @abstractmethod
    def startIndex(self): ...

    @abstractmethod
    def stopIndex(self): ...

    @abstractmethod
    def fragment(self): ...

    @abstractmethod
    def callSite(self): ...

    @abstractmethod
    def summary(self): ...


def not_implemented(feature):
    """The error for what PySpark has and we lack."""
    return PySparkNotImplementedError(errorClass="NOT_IMPLEMENTED", messageParameters={"feature": feature})


def wrong_type(expected, name, value):
    """The error for an argument of the wrong type."""
    return PySparkTypeError(errorClass="NOT_EXPECTED_TYPE", messageParameters={
        "expected_type": expected, "arg_name": name, "arg_type": type(value).__name__})
