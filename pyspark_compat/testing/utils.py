"""assertDataFrameEqual and assertSchemaEqual."""
import difflib
from decimal import Decimal
from itertools import zip_longest

from pyspark_compat.errors import PySparkAssertionError
from pyspark_compat_worker.errors import wrong_type
from pyspark_compat_worker.row import Row
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import VariantVal

__all__ = ["assertDataFrameEqual", "assertSchemaEqual"]


# -- schemas -------------------------------------------------------------------------------------------------

def _same_type(a, b):
    """Whether two types agree, whatever may be null in them."""
    if a.typeName() != b.typeName():
        return False
    if isinstance(a, ArrayType):
        return _same_type(a.elementType, b.elementType)
    if isinstance(a, MapType):
        return _same_type(a.keyType, b.keyType) and _same_type(a.valueType, b.valueType)
    if isinstance(a, StructType):
        return _same_fields(a, b)
    return a.typeName() != "decimal" or (a.precision, a.scale) == (b.precision, b.scale)


def _same_fields(a, b):
    return len(a.fields) == len(b.fields) and all(
        x.name == y.name and _same_type(x.dataType, y.dataType) for x, y in zip(a.fields, b.fields))


def _different_schemas(actual, expected):
    lines = difflib.ndiff(str(actual).splitlines(), str(expected).splitlines())
    return PySparkAssertionError(
        errorClass="DIFFERENT_SCHEMA", messageParameters={"error_msg": "\n".join(lines)})


def assertSchemaEqual(actual, expected, ignoreNullable=True, ignoreColumnOrder=False, ignoreColumnName=False):
    """Raises PySparkAssertionError (DIFFERENT_SCHEMA) with a diff unless two StructTypes agree."""
    __tracebackhide__ = True
    for name, schema in (("actual", actual), ("expected", expected)):
        if not isinstance(schema, StructType):
            raise wrong_type("struct type", name, schema)
    if ignoreColumnOrder:
        actual, expected = (StructType(sorted(s.fields, key=lambda f: f.name)) for s in (actual, expected))
    if ignoreColumnName:
        actual, expected = (StructType([StructField(str(i), f.dataType, f.nullable) for i, f in enumerate(s.fields)])
                            for s in (actual, expected))
    if not (_same_fields(actual, expected) if ignoreNullable else actual == expected):
        raise _different_schemas(actual, expected)


# -- rows ----------------------------------------------------------------------------------------------------

class _Closeness:
    """How far numbers may lie apart."""

    def __init__(self, rtol, atol):
        self.rtol = rtol
        self.atol = atol

    def same(self, a, b):
        """Whether two values agree."""
        if isinstance(a, Row) and isinstance(b, Row):
            return all(map(self.same, a, b))
        if isinstance(a, list) and isinstance(b, list):
            return len(a) == len(b) and all(map(self.same, a, b))
        if isinstance(a, dict) and isinstance(b, dict):
            return a.keys() == b.keys() and all(self.same(a[k], b[k]) for k in a)
        if isinstance(a, float) and isinstance(b, float):
            return not abs(a - b) > self.atol + self.rtol * abs(b)
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            return not abs(a - b) > Decimal(self.atol) + Decimal(self.rtol) * abs(b)
        if isinstance(a, VariantVal) and isinstance(b, VariantVal):
            return self.same(a.toPython(), b.toPython())
        return not a != b

    def same_row(self, a, b):
        return (a is None) == (b is None) and (a is None or self.same(a, b))


def _pairs(actual, expected, ordered, closeness):
    """Pairs of rows that belong together, None where one has no partner."""
    if ordered or len(actual) == len(expected):
        yield from zip_longest(actual, expected)
        return
    i = j = 0
    while i < len(actual) and j < len(expected):
        a, b = actual[i], expected[j]
        if closeness.same_row(a, b) or str(a) == str(b):
            yield a, b
            i, j = i + 1, j + 1
        elif str(a) < str(b):
            yield a, None
            i += 1
        else:
            yield None, b
            j += 1
    for a in actual[i:]:
        yield a, None
    for b in expected[j:]:
        yield None, b


def _compare(actual, expected, ordered, closeness, maxErrors, showOnlyDiff, includeDiffRows):
    __tracebackhide__ = True
    left, right, different = [], [], []
    total = max(len(actual), len(expected))
    for a, b in _pairs(actual, expected, ordered, closeness):
        same = closeness.same_row(a, b)
        if not same:
            different.append((a, b))
        if not (same and showOnlyDiff):
            left += [] if a is None and ordered is False and b is not None else [str(a)]
            right += [] if b is None and ordered is False and a is not None else [str(b)]
        if maxErrors is not None and len(different) >= maxErrors:
            break
    if different:
        share = len(different) / total * 100
        lines = [f"Results do not match: ( {share:.5f} % )", *_side_by_side(left, right, total)]
        raise PySparkAssertionError(errorClass="DIFFERENT_ROWS", messageParameters={"error_msg": "\n".join(lines)},
                                    data=different if includeDiffRows else None)


def _side_by_side(actual, expected, context):
    """Both lists in full, each line marked by what becomes of it."""
    marks = {"insert": "+ ", "delete": "- ", "replace": "! ", "equal": "  "}
    for group in difflib.SequenceMatcher(None, actual, expected).get_grouped_opcodes(context):
        yield "*** actual ***"
        for tag, start, end, _, _ in group:
            yield from (marks[tag] + line for line in actual[start:end])
        yield "\n"
        yield "*** expected ***"
        for tag, _, _, start, end in group:
            yield from (marks[tag] + line for line in expected[start:end])


# -- frames --------------------------------------------------------------------------------------------------

def _as_text(frame):
    """The frame with every column as text, whole numbers without a fraction."""
    from pyspark_compat.sql import functions as F

    for name in frame.columns:
        column = F.col(name)
        whole = column.cast("float").isNotNull() & (column.cast("float") == column.cast("int"))
        text = F.when(whole, column.cast("int").cast("string")).otherwise(column.cast("string"))
        frame = frame.withColumn(name, text)
    return frame


def _check_argument(name, value):
    from pyspark_compat.sql.dataframe import DataFrame

    if not isinstance(value, (DataFrame, list)):
        raise PySparkAssertionError(errorClass="INVALID_TYPE_DF_EQUALITY_ARG", messageParameters={
            "expected_type": "Union[DataFrame, ps.DataFrame, List[Row]]", "arg_name": name,
            "actual_type": None if value is None else type(value)})
    if isinstance(value, DataFrame) and value.isStreaming:
        raise PySparkAssertionError(errorClass="UNSUPPORTED_OPERATION", messageParameters={
            "operation": "assertDataFrameEqual on streaming DataFrame"})


def _pandas_equal(actual, expected, rtol, atol, ordered):
    """Compares where one side is a pandas frame: as pandas frames, sorted by all columns unless order counts."""
    import pandas as pd

    frames = [f if isinstance(f, pd.DataFrame) else f.toPandas() for f in (actual, expected)]
    if not ordered:
        frames = [f.sort_values(list(f.columns), ignore_index=True) for f in frames]
    try:
        pd.testing.assert_frame_equal(*frames, rtol=rtol, atol=atol)
    except AssertionError as e:
        raise PySparkAssertionError(errorClass="DIFFERENT_ROWS", messageParameters={"error_msg": str(e)}) from None


def _is_pandas(value):
    return type(value).__module__.startswith("pandas.") and hasattr(value, "iloc")


def assertDataFrameEqual(actual, expected, checkRowOrder=False, rtol=1e-5, atol=1e-8, ignoreNullable=True,
                         ignoreColumnOrder=False, ignoreColumnName=False, ignoreColumnType=False, maxErrors=None,
                         showOnlyDiff=False, includeDiffRows=False):
    """Raises PySparkAssertionError (DIFFERENT_SCHEMA, DIFFERENT_ROWS) with a diff unless frames or Rows agree."""
    __tracebackhide__ = True
    if actual is None and expected is None:
        return True
    if _is_pandas(actual) or _is_pandas(expected):
        return _pandas_equal(actual, expected, rtol, atol, checkRowOrder)
    _check_argument("actual", actual)
    _check_argument("expected", expected)
    sides = [actual, expected]
    if ignoreColumnOrder:
        sides = [f.select(*sorted(f.columns)) for f in sides]
    if ignoreColumnName:
        sides = [f.toDF(*map(str, range(len(f.columns)))) for f in sides]
    if ignoreColumnType:
        sides = list(map(_as_text, sides))
    if not any(isinstance(f, list) for f in sides):
        if ignoreNullable:
            assertSchemaEqual(sides[0].schema, sides[1].schema)
        elif sides[0].schema != sides[1].schema:
            raise _different_schemas(sides[0].schema, sides[1].schema)
    lists = [f if isinstance(f, list) else f.collect() for f in sides]
    if not checkRowOrder:
        lists = [sorted(rows, key=str) for rows in lists]
    _compare(*lists, checkRowOrder, _Closeness(rtol, atol), maxErrors, showOnlyDiff, includeDiffRows)
