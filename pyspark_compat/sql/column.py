"""Column: an expression that the user builds, with PySpark's operators and methods."""
import warnings
from enum import Enum

from pyspark_compat_worker.errors import (
    PySparkAttributeError,
    PySparkTypeError,
    PySparkValueError,
    not_implemented,
    wrong_type,
)
from pyspark_compat_worker.types_base import DataType

from pyspark_compat import _expressions as ex
from pyspark_compat._expression_text import sql
from pyspark_compat._names import parse_name

__all__ = ["Column"]


def _part(value):
    """The expression of an operand: a Column's own, a literal for anything else."""
    return value._expr if isinstance(value, Column) else lit_expression(value, lists=False)


def lit_expression(value, lists=True):
    """The expression of a Python value: a literal, or where lists are taken an array of literals for a list."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, Column):
        return value._expr
    if isinstance(value, list) and lists:
        if any(isinstance(v, Column) for v in value):
            raise PySparkValueError(errorClass="COLUMN_IN_LIST", messageParameters={"func_name": "lit"})
        return ex.function("array", [lit_expression(v) for v in value])
    if type(value).__module__ == "numpy":
        return _numpy_expression(value)
    data_type = ex.literal_type(value)
    if data_type is None:
        raise _no_literal(value)
    return ex.literal(value, data_type)


def expression(col, name="col"):
    """The expression of a parameter that is a Column or a column's name."""
    if isinstance(col, Column):
        return col._expr
    if isinstance(col, str):
        return named_column(col)
    raise wrong_type("Column or str", name, col)


def named_column(name):
    """The column, or the columns, of a name as F.col takes it."""
    if name == "*":
        return ex.star()
    if name.endswith(".*"):
        return ex.star(name[:-2])
    if "." in name or "`" in name:
        parse_name(name)
    return ex.attribute(name)


_CONTAINERS = [((list, tuple), "ArrayList"), (dict, "HashMap"), ((set, frozenset), "HashSet")]


def _no_literal(value):
    """The error of a value that is no literal; PySpark names containers as Java does."""
    for kinds, java in _CONTAINERS:
        if isinstance(value, kinds):
            from pyspark_compat_worker.captured import SparkRuntimeException

            given = {"value": _java_text(value), "type": f"class java.util.{java}"}
            return SparkRuntimeException._of("UNSUPPORTED_FEATURE.LITERAL_TYPE", given, (
                f"A {type(value).__name__} ({given['value']}) cannot be a literal. Use F.array, F.struct or F.create_map."),
                "0A000")
    return AttributeError(f"a {type(value).__name__} is neither a Column nor a value that can be a literal")


def _java_text(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_java_text(k)}={_java_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ", ".join(map(_java_text, value)) + "]"
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _numpy_expression(value):
    import numpy as np
    from pyspark_compat_worker.types_infer import _from_numpy_type
    from pyspark_compat_worker.types_nested import ArrayType

    if isinstance(value, np.ndarray) and value.ndim != 1:
        raise PySparkTypeError(errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": "ndarray"})
    data_type = _from_numpy_type(value.dtype)
    if isinstance(value, np.ndarray):
        if data_type is None:
            raise PySparkTypeError(
                errorClass="UNSUPPORTED_NUMPY_ARRAY_SCALAR", messageParameters={"dtype": value.dtype.name})
        return ex.cast(ex.function("array", [lit_expression(v) for v in value.tolist()]), ArrayType(data_type))
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return lit_expression(value.astype(value.dtype.name[:value.dtype.name.index("[")] + "[us]").item())
    if data_type is None:
        raise PySparkTypeError(
            errorClass="UNSUPPORTED_NUMPY_ARRAY_SCALAR", messageParameters={"dtype": value.dtype.name})
    plain = lit_expression(value.item())
    return plain if plain.parts[1] == data_type else ex.cast(plain, data_type)


def data_type_of(value, name="dataType"):
    """A type given as DataType or DDL text."""
    if isinstance(value, DataType):
        return value
    if isinstance(value, str):
        from pyspark_compat_worker.types_ddl import parse_type

        return parse_type(value)
    raise wrong_type("DataType or str", name, value)


def _call(name, *args):
    return Column(ex.function(name, [_part(a) for a in args]))


class Column:
    """A column of a DataFrame, or an expression over columns."""

    def __init__(self, expr):
        object.__setattr__(self, "_expr", expr)

    # arithmetic
    def __neg__(self):
        return _call("negative", self)

    def __add__(self, other):
        return _call("+", self, other)

    def __sub__(self, other):
        return _call("-", self, other)

    def __mul__(self, other):
        return _call("*", self, other)

    def __div__(self, other):
        return _call("/", self, other)

    def __truediv__(self, other):
        return _call("/", self, other)

    def __mod__(self, other):
        return _call("%", self, other)

    def __radd__(self, other):
        return _call("+", self, other)

    def __rsub__(self, other):
        return _call("-", other, self)

    def __rmul__(self, other):
        return _call("*", self, other)

    def __rdiv__(self, other):
        return _call("/", other, self)

    def __rtruediv__(self, other):
        return _call("/", other, self)

    def __rmod__(self, other):
        return _call("%", other, self)

    def __pow__(self, other):
        return _call("power", self, other)

    def __rpow__(self, other):
        return _call("power", other, self)

    # comparison and logic
    def __eq__(self, other):
        return _call("=", self, other)

    def __ne__(self, other):
        return _call("!", _call("=", self, other))

    def __lt__(self, other):
        return _call("<", self, other)

    def __le__(self, other):
        return _call("<=", self, other)

    def __ge__(self, other):
        return _call(">=", self, other)

    def __gt__(self, other):
        return _call(">", self, other)

    def eqNullSafe(self, other):
        """Equality in which null equals null."""
        return _call("<=>", self, other)

    def __and__(self, other):
        return _call("and", self, other)

    def __or__(self, other):
        return _call("or", self, other)

    def __invert__(self):
        return _call("!", self)

    def __rand__(self, other):
        return _call("and", self, other)

    def __ror__(self, other):
        return _call("or", self, other)

    def __contains__(self, item):
        raise PySparkValueError(errorClass="CANNOT_APPLY_IN_FOR_COLUMN", messageParameters={})

    def bitwiseOR(self, other):
        """Bits set in either."""
        return _call("|", self, other)

    def bitwiseAND(self, other):
        """Bits set in both."""
        return _call("&", self, other)

    def bitwiseXOR(self, other):
        """Bits set in one of both."""
        return _call("^", self, other)

    # parts of complex values
    def getItem(self, key):
        """The item of an array at a position from 0, or of a map under a key."""
        if isinstance(key, Column):
            warnings.warn("A Column as key of getItem is deprecated since 3.0; write column[key].", FutureWarning)
        return self[key]

    def getField(self, name):
        """The field of a struct."""
        if isinstance(name, Column):
            warnings.warn("A Column as name in getField is deprecated since 3.0; write column[name].", FutureWarning)
        return self[name]

    def withField(self, fieldName, col):
        """The struct with a field added or replaced."""
        if not isinstance(fieldName, str):
            raise wrong_type("str", "fieldName", fieldName)
        if not isinstance(col, Column):
            raise wrong_type("Column", "col", col)
        return Column(ex.update_fields(self._expr, fieldName, col._expr))

    def dropFields(self, *fieldNames):
        """The struct without these fields."""
        if not fieldNames:
            raise PySparkValueError(errorClass="CANNOT_BE_EMPTY", messageParameters={"item": "dropFields"})
        found = self._expr
        for name in fieldNames:
            if not isinstance(name, str):
                raise wrong_type("str", "fieldName", name)
            found = ex.update_fields(found, name)
        return Column(found)

    def __getattr__(self, item):
        if item == "_jc":
            raise PySparkAttributeError(
                errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": "_jc"})
        if item.startswith("__") or item == "_expr":
            raise PySparkAttributeError(errorClass="CANNOT_ACCESS_TO_DUNDER", messageParameters={})
        return self[item]

    def __getitem__(self, k):
        if isinstance(k, slice):
            if k.step is not None:
                raise PySparkValueError(errorClass="SLICE_WITH_STEP", messageParameters={})
            return self.substr(k.start, k.stop)
        return Column(ex.extract(self._expr, _part(k)))

    def __iter__(self):
        raise PySparkTypeError(errorClass="NOT_ITERABLE", messageParameters={"objectName": "Column"})

    # strings
    def contains(self, other):
        """Whether the text contains the other."""
        return _call("contains", self, other)

    def startswith(self, other):
        """Whether the text starts with the other."""
        return _call("startswith", self, other)

    def endswith(self, other):
        """Whether the text ends with the other."""
        return _call("endswith", self, other)

    def like(self, other):
        """Whether the text matches a pattern of SQL: % is any text, _ any character."""
        return _call("like", self, other)

    def rlike(self, other):
        """Whether the regular expression is found in the text."""
        return _call("rlike", self, other)

    def ilike(self, other):
        """As like, upper and lower case alike."""
        return _call("ilike", self, other)

    def substr(self, startPos, length):
        """The part of the text that starts at a position from 1 and has this length."""
        if isinstance(startPos, Enum):
            startPos = startPos.value
        if isinstance(length, Enum):
            length = length.value
        if type(startPos) is not type(length):
            raise PySparkTypeError(errorClass="NOT_SAME_TYPE", messageParameters={
                "arg_name1": "startPos", "arg_name2": "length",
                "arg_type1": type(startPos).__name__, "arg_type2": type(length).__name__})
        if not isinstance(startPos, (int, Column)):
            raise wrong_type("Column or int", "startPos", startPos)
        return _call("substr", self, startPos, length)

    def isin(self, *cols):
        """Whether the value is one of these."""
        if len(cols) == 1:
            if hasattr(cols[0], "sparkSession"):
                raise not_implemented("isin(DataFrame)")
            if isinstance(cols[0], (list, set)):
                cols = cols[0]
        return _call("in", self, *cols)

    # order
    def asc(self):
        """Ascending order, nulls first."""
        return self.asc_nulls_first()

    def asc_nulls_first(self):
        """Ascending order, nulls first."""
        return Column(ex.sort_order(self._expr, True, True))

    def asc_nulls_last(self):
        """Ascending order, nulls last."""
        return Column(ex.sort_order(self._expr, True, False))

    def desc(self):
        """Descending order, nulls last."""
        return self.desc_nulls_last()

    def desc_nulls_first(self):
        """Descending order, nulls first."""
        return Column(ex.sort_order(self._expr, False, True))

    def desc_nulls_last(self):
        """Descending order, nulls last."""
        return Column(ex.sort_order(self._expr, False, False))

    # null tests
    def isNull(self):
        """Whether the value is null."""
        return _call("isNull", self)

    def isNotNull(self):
        """Whether the value is not null."""
        return _call("isNotNull", self)

    def isNaN(self):
        """Whether the value is NaN."""
        return _call("isNaN", self)

    # names and types
    def alias(self, *alias, **kwargs):
        """The column under another name, or names where it makes several; metadata= is kept with the field."""
        metadata = kwargs.pop("metadata", None)
        assert not kwargs, "Unexpected kwargs where passed: %s" % kwargs
        if len(alias) > 1 and metadata is not None:
            raise PySparkValueError(
                errorClass="ONLY_ALLOWED_FOR_SINGLE_COLUMN", messageParameters={"arg_name": "metadata"})
        if metadata is not None and not isinstance(metadata, dict):
            raise TypeError(f"metadata must be a dict, not {type(metadata).__name__}")
        return Column(ex.alias(self._expr, list(alias), metadata))

    def name(self, *alias, **kwargs):
        """As alias."""
        return self.alias(*alias, **kwargs)

    def cast(self, dataType):
        """The value as another type, a DataType or its name. What cannot be cast raises under ANSI."""
        return Column(ex.cast(self._expr, data_type_of(dataType)))

    def try_cast(self, dataType):
        """As cast; what cannot be cast is null."""
        return Column(ex.cast(self._expr, data_type_of(dataType), "try"))

    def astype(self, dataType):
        """As cast."""
        return self.cast(dataType)

    def between(self, lowerBound, upperBound):
        """Whether the value is at least one bound and at most the other."""
        return (self >= lowerBound) & (self <= upperBound)

    # conditions
    def when(self, condition, value):
        """One more condition of functions.when and the value where it is the first to hold."""
        if not isinstance(condition, Column):
            raise wrong_type("Column", "condition", condition)
        branches, otherwise = self._case(
            "when() can only be applied on a Column previously generated by when() function")
        if otherwise is not None:
            raise _misuse("when() cannot be applied once otherwise() is applied")
        return Column(ex.case_when(branches + [(condition._expr, _part(value))]))

    def otherwise(self, value):
        """The value where no condition of functions.when holds."""
        branches, otherwise = self._case(
            "otherwise() can only be applied on a Column previously generated by when()")
        if otherwise is not None:
            raise _misuse("otherwise() can only be applied once on a Column previously generated by when()")
        return Column(ex.case_when(branches, _part(value)))

    def _case(self, message):
        if self._expr.kind != "case":
            raise _misuse(message)
        return self._expr.parts

    def over(self, window):
        """The function over a window."""
        from pyspark_compat.sql.window import WindowSpec

        if not isinstance(window, WindowSpec):
            raise wrong_type("WindowSpec", "window", window)
        return Column(ex.window(self._expr, *window._parts()))

    def transform(self, f):
        """The result of a Python function that takes and gives a column."""
        return f(self)

    def outer(self):
        return Column(ex.outer(self._expr))

    def __nonzero__(self):
        raise PySparkValueError(errorClass="CANNOT_CONVERT_COLUMN_INTO_BOOL", messageParameters={
            "column": sql(self._expr)})

    __bool__ = __nonzero__

    def __repr__(self):
        return "Column<'%s'>" % sql(self._expr)

    def __reduce__(self):
        return Column, (self._expr,)


def _misuse(message):
    from pyspark_compat_worker.captured import IllegalArgumentException

    return IllegalArgumentException(desc=message)
