"""pandas_udf and arrow_udf."""
import functools
import inspect
import warnings

from pyspark_compat_worker.errors import PySparkTypeError, PySparkValueError
from pyspark_compat_worker.eval_types import PythonEvalType
from pyspark_compat_worker.types_base import DataType

from pyspark_compat.sql.pandas.typehints import hints_of, infer_eval_type
from pyspark_compat.sql.udf import _create_udf


class PandasUDFType:
    """Kinds of pandas functions, for code older than type hints."""

    SCALAR = PythonEvalType.SQL_SCALAR_PANDAS_UDF
    SCALAR_ITER = PythonEvalType.SQL_SCALAR_PANDAS_ITER_UDF
    GROUPED_MAP = PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF
    GROUPED_AGG = PythonEvalType.SQL_GROUPED_AGG_PANDAS_UDF
    GROUPED_AGG_ITER = PythonEvalType.SQL_GROUPED_AGG_PANDAS_ITER_UDF


class ArrowUDFType:
    """Kinds of Arrow functions."""

    SCALAR = PythonEvalType.SQL_SCALAR_ARROW_UDF
    SCALAR_ITER = PythonEvalType.SQL_SCALAR_ARROW_ITER_UDF
    GROUPED_AGG = PythonEvalType.SQL_GROUPED_AGG_ARROW_UDF
    GROUPED_AGG_ITER = PythonEvalType.SQL_GROUPED_AGG_ARROW_ITER_UDF


_BY_TYPE = {kind: {v for k, v in vars(holder).items() if k.isupper()} - {PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF}
            for kind, holder in (("pandas", PandasUDFType), ("arrow", ArrowUDFType))}
_WHOLE = {  # kinds that apply and mapIn make, with the numbers of arguments that they take
    PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF: (1, 2), PythonEvalType.SQL_GROUPED_MAP_PANDAS_ITER_UDF: (1, 2),
    PythonEvalType.SQL_GROUPED_MAP_ARROW_UDF: (1, 2), PythonEvalType.SQL_COGROUPED_MAP_PANDAS_UDF: (2, 3),
    PythonEvalType.SQL_COGROUPED_MAP_ARROW_UDF: (2, 3), PythonEvalType.SQL_GROUPED_MAP_ARROW_ITER_UDF: None,
    PythonEvalType.SQL_MAP_PANDAS_ITER_UDF: None, PythonEvalType.SQL_MAP_ARROW_ITER_UDF: None,
    PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF_WITH_STATE: None,
    PythonEvalType.SQL_TRANSFORM_WITH_STATE_PANDAS_UDF: None,
    PythonEvalType.SQL_TRANSFORM_WITH_STATE_PANDAS_INIT_STATE_UDF: None,
    PythonEvalType.SQL_TRANSFORM_WITH_STATE_PYTHON_ROW_UDF: None,
    PythonEvalType.SQL_TRANSFORM_WITH_STATE_PYTHON_ROW_INIT_STATE_UDF: None,
}


def pandas_udf(f=None, returnType=None, functionType=None):
    """A function of pandas Series."""
    return vectorized_udf(f, returnType, functionType, "pandas")


def arrow_udf(f=None, returnType=None, functionType=None):
    """A function of Arrow arrays."""
    return vectorized_udf(f, returnType, functionType, "arrow")


def vectorized_udf(f=None, returnType=None, functionType=None, kind="pandas"):
    """The decorator and call forms of both."""
    decorator = f is None or isinstance(f, (str, DataType))
    result_type = (f or returnType) if decorator else returnType
    eval_type = functionType
    if decorator and eval_type is None and isinstance(returnType, int):
        eval_type = returnType
    if result_type is None:
        raise PySparkTypeError(errorClass="CANNOT_BE_NONE", messageParameters={"arg_name": "returnType"})
    allowed = _BY_TYPE[kind] | (set(_WHOLE) if kind == "pandas" else set())
    if eval_type is not None and eval_type not in allowed:
        raise PySparkTypeError(errorClass="INVALID_PANDAS_UDF_TYPE", messageParameters={
            "arg_name": "functionType", "arg_type": str(eval_type)})
    make = functools.partial(_create_vectorized_udf, returnType=result_type, evalType=eval_type, kind=kind)
    return make if decorator else make(f)


def _create_vectorized_udf(f, returnType, evalType, kind):
    return _create_udf(f, returnType, _validate_vectorized_udf(f, evalType, kind))


def _validate_vectorized_udf(f, evalType, kind="pandas"):
    """The eval type of a batch function, given or inferred, once its arguments fit."""
    spec = inspect.getfullargspec(f)
    if evalType in _BY_TYPE[kind]:
        warnings.warn(f"Type hints are preferred to the function type of a {kind} function.", UserWarning,
                      stacklevel=4)
    elif evalType is None and spec.annotations:
        evalType = infer_eval_type(inspect.signature(f), hints_of(f), kind)
    if evalType is None:
        evalType = PandasUDFType.SCALAR if kind == "pandas" else ArrowUDFType.SCALAR
    scalar = (PandasUDFType.SCALAR, PandasUDFType.SCALAR_ITER, ArrowUDFType.SCALAR, ArrowUDFType.SCALAR_ITER)
    if evalType in scalar and not spec.args and spec.varargs is None:
        raise _invalid(f"a {kind} function needs at least one argument")
    counts = _WHOLE.get(evalType)
    if counts and len(spec.args) not in counts:
        raise _invalid(f"it must take {counts[0]} or {counts[1]} arguments, it takes {len(spec.args)}")
    return evalType


def _invalid(detail):
    return PySparkValueError(errorClass="INVALID_PANDAS_UDF", messageParameters={"detail": detail})
