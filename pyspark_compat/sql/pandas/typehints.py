"""The kind of a batch function, read from its type hints."""
import collections.abc
import inspect
import types
import typing

from pyspark_compat_worker.errors import PySparkNotImplementedError, PySparkValueError
from pyspark_compat_worker.eval_types import PythonEvalType

_KINDS = {
    "pandas": {
        "scalar": PythonEvalType.SQL_SCALAR_PANDAS_UDF, "iter": PythonEvalType.SQL_SCALAR_PANDAS_ITER_UDF,
        "agg": PythonEvalType.SQL_GROUPED_AGG_PANDAS_UDF, "agg_iter": PythonEvalType.SQL_GROUPED_AGG_PANDAS_ITER_UDF,
    },
    "arrow": {
        "scalar": PythonEvalType.SQL_SCALAR_ARROW_UDF, "iter": PythonEvalType.SQL_SCALAR_ARROW_ITER_UDF,
        "agg": PythonEvalType.SQL_GROUPED_AGG_ARROW_UDF, "agg_iter": PythonEvalType.SQL_GROUPED_AGG_ARROW_ITER_UDF,
    },
}

_GROUPED = {
    "pandas": (PythonEvalType.SQL_GROUPED_MAP_PANDAS_UDF, PythonEvalType.SQL_GROUPED_MAP_PANDAS_ITER_UDF),
    "arrow": (PythonEvalType.SQL_GROUPED_MAP_ARROW_UDF, PythonEvalType.SQL_GROUPED_MAP_ARROW_ITER_UDF),
}


def hints_of(f):
    """The resolved type hints of a function; those that name unknown classes are left out."""
    try:
        return typing.get_type_hints(f)
    except (NameError, TypeError):
        return {}


def infer_eval_type(sig, type_hints, kind="all"):
    """The eval type that a signature's hints ask for; raises where there is none."""
    hints = _complete(sig, type_hints)
    for family in ("pandas", "arrow") if kind == "all" else (kind,):
        shape = _shape(hints, family)
        if shape is not None:
            return _KINDS[family][shape]
    raise PySparkNotImplementedError(errorClass="UNSUPPORTED_SIGNATURE", messageParameters={"signature": str(sig)})


def infer_eval_type_for_udf(f):
    """The eval type of a function given to `udf`: None unless its hints name batch classes."""
    try:
        hints = hints_of(f)
        sig = inspect.signature(f)
    except (TypeError, ValueError):
        return None
    if not sig.parameters or not any(_mentions_batches(h) for h in hints.values()):
        return None
    return infer_eval_type(sig, hints)


def infer_group_eval_type(f, family):
    """The eval type that the hints of a function over groups ask for, or None where it has none or others.

    `family` is pandas or arrow. Raises TYPE_HINT_SHOULD_BE_SPECIFIED where only some parameters have hints.
    """
    if not inspect.getfullargspec(f).annotations:
        return None
    parameters, result = _complete(inspect.signature(f), hints_of(f))
    whole, by_part = _GROUPED[family]
    names = {"pandas": ("DataFrame",), "arrow": ("Table", "RecordBatch")}[family]

    def is_whole(annotation):
        module = getattr(annotation, "__module__", "") or ""
        return module.startswith("pandas" if family == "pandas" else "pyarrow") and (
            getattr(annotation, "__qualname__", "") in names)

    if len(parameters) in (1, 2):
        if _iterator_of(parameters[-1], is_whole) and _iterator_of(result, is_whole):
            return by_part
        if is_whole(parameters[-1]) and is_whole(result):
            return whole
    return None


def _complete(sig, type_hints):
    """(hints of all parameters, hint of the result)."""
    found = []
    for name, parameter in sig.parameters.items():
        if parameter.annotation is parameter.empty:
            raise _lacking("all parameters", sig)
        found.append(type_hints.get(name, parameter.annotation))
    result = type_hints.get("return", sig.return_annotation)
    if result is sig.empty:
        raise _lacking("the return type", sig)
    return found, result


def _lacking(target, sig):
    return PySparkValueError(errorClass="TYPE_HINT_SHOULD_BE_SPECIFIED", messageParameters={
        "target": target, "sig": str(sig)})


def _shape(hints, family):
    parameters, result = hints
    one = parameters[0] if len(parameters) == 1 else None
    by_iterator = one is not None and _iterator_of(one, lambda a: _batch(a, family) or _tuple_of(a, family))
    if all(_batch(p, family) for p in parameters):
        if _plain_batch(result, family):
            return "scalar"
        return None if _collection(result) else "agg"
    if by_iterator:
        if _iterator_of(result, lambda a: _plain_batch(a, family)):
            return "iter"
        return None if _plain_batch(result, family) or _collection(result) else "agg_iter"
    return None


def _plain_batch(annotation, family):
    module, name = getattr(annotation, "__module__", "") or "", getattr(annotation, "__qualname__", "")
    if family == "arrow":
        return module.startswith("pyarrow") and name == "Array"
    return module.startswith("pandas") and name in ("Series", "DataFrame")


def _batch(annotation, family):
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return all(_plain_batch(a, family) for a in typing.get_args(annotation))
    return _plain_batch(annotation, family)


def _iterator_of(annotation, accepts):
    args = typing.get_args(annotation)
    return typing.get_origin(annotation) is collections.abc.Iterator and len(args) == 1 and accepts(args[0])


def _tuple_of(annotation, family):
    args = typing.get_args(annotation)
    return typing.get_origin(annotation) is tuple and all(a is Ellipsis or _batch(a, family) for a in args)


def _collection(annotation):
    return typing.get_origin(annotation) in (collections.abc.Iterator, tuple)


def _mentions_batches(annotation):
    if _plain_batch(annotation, "pandas") or _plain_batch(annotation, "arrow"):
        return True
    return any(_mentions_batches(a) for a in typing.get_args(annotation))
