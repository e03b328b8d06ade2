"""User-defined functions: Python functions as columns, and their registry."""
import functools

from pyspark_compat_worker.errors import (
    PicklingError,
    PySparkNotImplementedError,
    PySparkTypeError,
    not_implemented,
    wrong_type,
)
from pyspark_compat_worker.eval_types import PythonEvalType
from pyspark_compat_worker.types_base import DataType, StringType
from pyspark_compat_worker.types_nested import StructType

from pyspark_compat import _expressions as ex
from pyspark_compat.sql.column import Column, expression

__all__ = ["UDFRegistration"]

_TABLE_RESULT = {
    PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF, PythonEvalType.SQL_GROUPED_MAP_PANDAS_ITER_UDF,
    PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF_WITH_STATE, PythonEvalType.SQL_MAP_PANDAS_ITER_UDF,
    PythonEvalType.SQL_MAP_ARROW_ITER_UDF, PythonEvalType.SQL_COGROUPED_MAP_PANDAS_UDF,
    PythonEvalType.SQL_GROUPED_MAP_ARROW_UDF, PythonEvalType.SQL_GROUPED_MAP_ARROW_ITER_UDF,
    PythonEvalType.SQL_COGROUPED_MAP_ARROW_UDF,
}
_ARROW_RESULT = {
    PythonEvalType.SQL_GROUPED_MAP_ARROW_UDF, PythonEvalType.SQL_GROUPED_MAP_ARROW_ITER_UDF,
    PythonEvalType.SQL_COGROUPED_MAP_ARROW_UDF,
}

_TOGETHER = {kind: text for text, kinds in {  # kinds that one message names
    "SQL_GROUPED_MAP_PANDAS_UDF or SQL_GROUPED_MAP_PANDAS_ITER_UDF or SQL_GROUPED_MAP_PANDAS_UDF_WITH_STATE": (
        PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF, PythonEvalType.SQL_GROUPED_MAP_PANDAS_ITER_UDF,
        PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF_WITH_STATE),
    "SQL_MAP_PANDAS_ITER_UDF or SQL_MAP_ARROW_ITER_UDF": (
        PythonEvalType.SQL_MAP_PANDAS_ITER_UDF, PythonEvalType.SQL_MAP_ARROW_ITER_UDF),
    "SQL_GROUPED_MAP_ARROW_UDF or SQL_GROUPED_MAP_ARROW_ITER_UDF": (
        PythonEvalType.SQL_GROUPED_MAP_ARROW_UDF, PythonEvalType.SQL_GROUPED_MAP_ARROW_ITER_UDF),
}.items() for kind in kinds}


class UserDefinedFunction:
    """A Python function with a return type; called with columns it gives a Column."""

    def __init__(self, func, returnType=StringType(), name=None, evalType=PythonEvalType.SQL_BATCHED_UDF,
                 deterministic=True):
        if not callable(func):
            raise wrong_type("callable", "func", func)
        if not isinstance(returnType, (DataType, str)):
            raise wrong_type("DataType or str", "returnType", returnType)
        if not isinstance(evalType, int):
            raise wrong_type("int", "evalType", evalType)
        self.func = func
        self._returnType = returnType
        self._name = name or getattr(func, "__name__", None) or type(func).__name__
        self.evalType = evalType
        self.deterministic = deterministic
        self._parsed = None
        self._command = None

    @property
    def returnType(self):
        if self._parsed is None:
            parsed = _parse(self._returnType)
            _check_return_type(parsed, self.evalType)
            self._parsed = parsed
        return self._parsed

    def _pickled(self):
        """The pickle that the worker loads: function, return type, kind and name."""
        if self._command is None:
            self._command = pickle_function((self.func, self.returnType, self.evalType, self._name))
        return self._command

    def __call__(self, *args, **kwargs):
        self.returnType
        parts = [expression(a) for a in args]
        parts += [ex.named(key, expression(value)) for key, value in kwargs.items()]
        return Column(ex.python_function(self, parts))

    def _wrapped(self):
        """This function with the name, module and documentation of the user's."""
        copied = functools.WRAPPER_ASSIGNMENTS
        if not (hasattr(self.func, "__name__") and hasattr(self.func, "__module__")):
            copied = [a for a in copied if a not in ("__name__", "__module__")]

        @functools.wraps(self.func, assigned=copied)
        def wrapper(*args, **kwargs):
            return self(*args, **kwargs)

        wrapper.__name__ = self._name
        wrapper.__module__ = getattr(self.func, "__module__", type(self.func).__module__)
        wrapper.func = self.func
        wrapper.returnType = self.returnType
        wrapper.evalType = self.evalType
        wrapper.deterministic = self.deterministic
        wrapper.asNondeterministic = functools.wraps(self.asNondeterministic)(
            lambda: self.asNondeterministic()._wrapped())
        wrapper._unwrapped = self
        return wrapper

    def asNondeterministic(self):
        self.deterministic = False
        return self

    def __getstate__(self):
        return {**self.__dict__, "_command": None}


def pickle_function(value):
    """Pickles by value what the workers cannot import."""
    from pyspark_compat import _pickling

    try:
        return _pickling.dumps(value)
    except Exception as e:
        raise PicklingError(f"Could not serialize object: {type(e).__name__}: {e}") from e


def _parse(return_type):
    if isinstance(return_type, DataType):
        return return_type
    from pyspark_compat_worker.types_ddl import parse_ddl

    return parse_ddl(return_type)


def _check_return_type(data_type, eval_type):
    if eval_type in _TABLE_RESULT and not isinstance(data_type, StructType):
        kind = "ARROW" if eval_type in _ARROW_RESULT else "PANDAS"
        raise PySparkTypeError(errorClass=f"INVALID_RETURN_TYPE_FOR_{kind}_UDF", messageParameters={
            "eval_type": _TOGETHER.get(eval_type) or _eval_name(eval_type), "return_type": str(data_type)})
    if eval_type != PythonEvalType.SQL_BATCHED_UDF and not _has_arrow_form(data_type):
        raise PySparkNotImplementedError(errorClass="NOT_IMPLEMENTED", messageParameters={
            "feature": f"the return type {data_type} of a function of kind {_eval_name(eval_type)}"})


def _eval_name(eval_type):
    return next((n for n, v in vars(PythonEvalType).items() if v == eval_type), str(eval_type))


def _has_arrow_form(data_type):
    from pyspark_compat_worker.types_base import CalendarIntervalType, YearMonthIntervalType
    from pyspark_compat_worker.types_infer import _has_type

    return not _has_type(data_type, (CalendarIntervalType, YearMonthIntervalType))


def _create_udf(f, returnType, evalType, name=None, deterministic=True):
    """A user-defined function that looks like the user's own."""
    return UserDefinedFunction(f, returnType, name, evalType, deterministic)._wrapped()


def _create_py_udf(f, returnType, useArrow=None):
    """A function by row, or by batch where its type hints name pandas or Arrow classes."""
    eval_type = None
    if useArrow is None:
        from pyspark_compat.sql.pandas.typehints import infer_eval_type_for_udf

        eval_type = infer_eval_type_for_udf(f)
    if eval_type is None:
        eval_type = PythonEvalType.SQL_BATCHED_UDF if useArrow is False else PythonEvalType.SQL_ARROW_BATCHED_UDF
    return _create_udf(f, returnType, eval_type)


def unwrap(f):
    """The UserDefinedFunction behind what `udf` and `pandas_udf` gave, or None."""
    if isinstance(f, UserDefinedFunction):
        return f
    return getattr(f, "_unwrapped", None)


_REGISTRABLE = {
    PythonEvalType.SQL_BATCHED_UDF, PythonEvalType.SQL_ARROW_BATCHED_UDF, PythonEvalType.SQL_SCALAR_PANDAS_UDF,
    PythonEvalType.SQL_SCALAR_PANDAS_ITER_UDF, PythonEvalType.SQL_GROUPED_AGG_PANDAS_UDF,
    PythonEvalType.SQL_GROUPED_AGG_PANDAS_ITER_UDF, PythonEvalType.SQL_SCALAR_ARROW_UDF,
    PythonEvalType.SQL_SCALAR_ARROW_ITER_UDF, PythonEvalType.SQL_GROUPED_AGG_ARROW_UDF,
    PythonEvalType.SQL_GROUPED_AGG_ARROW_ITER_UDF,
}


class UDFRegistration:
    """Names functions so that SQL can call them: `spark.udf.register`."""

    def __init__(self, sparkSession):
        self.sparkSession = sparkSession

    def register(self, name, f, returnType=None):
        given = unwrap(f)
        if given is not None:
            if returnType is not None:
                raise PySparkTypeError(errorClass="CANNOT_SPECIFY_RETURN_TYPE_FOR_UDF", messageParameters={
                    "arg_name": "f", "return_type": str(returnType)})
            if given.evalType not in _REGISTRABLE:
                raise PySparkTypeError(errorClass="INVALID_UDF_EVAL_TYPE", messageParameters={
                    "eval_type": ", ".join(sorted(map(_eval_name, _REGISTRABLE)))})
            made = UserDefinedFunction(given.func, given.returnType, name, given.evalType, given.deterministic)
            answer = f if not isinstance(f, UserDefinedFunction) else made._wrapped()
        else:
            made = UserDefinedFunction(f, StringType() if returnType is None else returnType, name,
                                       PythonEvalType.SQL_ARROW_BATCHED_UDF)
            answer = made._wrapped()
        self.sparkSession._register_function(made)
        return answer

    def registerJavaFunction(self, name, javaClassName, returnType=None):
        raise not_implemented("registerJavaFunction: there is no JVM")

    def registerJavaUDAF(self, name, javaClassName):
        raise not_implemented("registerJavaUDAF: there is no JVM")
