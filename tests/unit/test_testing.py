"""assertDataFrameEqual and assertSchemaEqual."""

import decimal

import pandas as pd
import pytest

from pyspark_compat.errors import PySparkAssertionError, PySparkTypeError
from pyspark_compat.sql import Row
from pyspark_compat.sql import types as T
from pyspark_compat.testing import assertDataFrameEqual, assertSchemaEqual

ONE = [Row(a=1, b=1.0), Row(a=2, b=None)]


def differs(*args, **kwargs):
    with pytest.raises(PySparkAssertionError) as caught:
        assertDataFrameEqual(*args, **kwargs)
    return caught.value


def test_lists():
    assert assertDataFrameEqual(None, None) is True
    assertDataFrameEqual(ONE, ONE[::-1])
    assertDataFrameEqual([Row(a=1.0)], [Row(a=1.0000001)])
    assertDataFrameEqual([Row(a=decimal.Decimal("1.0"), l=[1.0], m={"k": 1.0}, s=Row(x=1.0))], [Row(a=decimal.Decimal("1.0000001"), l=[1.0000001], m={"k": 1.0000001}, s=Row(x=1.0000001))])
    assert differs(ONE, ONE[::-1], checkRowOrder=True).getCondition() == "DIFFERENT_ROWS"
    assert "( 50.00000 % )" in str(differs(ONE, [Row(a=1, b=1.1), Row(a=2, b=None)]))
    assert differs([Row(a=1.0)], [Row(a=1.01)], rtol=1e-3).getCondition() == "DIFFERENT_ROWS"
    assertDataFrameEqual([Row(a=1.0)], [Row(a=1.01)], rtol=0.1)


def test_text():
    text = str(differs(ONE, [Row(a=1, b=1.0), Row(a=3, b=None)]))
    assert "*** actual ***\n  Row(a=1, b=1.0)\n! Row(a=2, b=None)\n\n\n*** expected ***\n  Row(a=1, b=1.0)\n! Row(a=3, b=None)" in text
    assert "Row(a=1, b=1.0)" not in str(differs(ONE, [Row(a=1, b=1.0), Row(a=3, b=None)], showOnlyDiff=True))
    e = differs(ONE, ONE[:1], includeDiffRows=True)
    assert e.data == [(ONE[1], None)] and "( 50.00000 % )" in str(e)
    assert len(differs([Row(a=i) for i in range(5)], [Row(a=-i - 9) for i in range(5)], maxErrors=2, includeDiffRows=True).data) == 2


def test_frames(spark):
    d = spark.createDataFrame([(1, "x"), (2, None)], "a int, b string")
    assertDataFrameEqual(d, spark.createDataFrame([(2, None), (1, "x")], "a int, b string"))
    assertDataFrameEqual(d, [Row(a=1, b="x"), Row(a=2, b=None)])
    assert differs(d, spark.createDataFrame([(1, "x")], "a bigint, b string")).getCondition() == "DIFFERENT_SCHEMA"
    strict = spark.createDataFrame([(1, "x"), (2, None)], "a int not null, b string")
    assertDataFrameEqual(d, strict)
    assert differs(d, strict, ignoreNullable=False).getCondition() == "DIFFERENT_SCHEMA"
    assertDataFrameEqual(d, spark.createDataFrame([("x", 1), (None, 2)], "b string, a int"), ignoreColumnOrder=True)
    assertDataFrameEqual(d, pd.DataFrame({"a": pd.array([2, 1], "int32"), "b": [None, "x"]}))
    assert differs(d, pd.DataFrame({"a": pd.array([2, 3], "int32"), "b": [None, "x"]})).getCondition() == "DIFFERENT_ROWS"
    stream = spark.readStream.schema("a int").json("x")
    assert differs(stream, stream).getCondition() == "UNSUPPORTED_OPERATION"
    for wrong in [(5, ONE), (ONE, 5), (None, ONE)]:
        assert differs(*wrong).getCondition() == "INVALID_TYPE_DF_EQUALITY_ARG"


def test_schemas():
    a, b = T.StructType.fromDDL("a int, l array<int>"), T.StructType.fromDDL("a int not null, l array<int>")
    assertSchemaEqual(a, b)
    assertSchemaEqual(a, T.StructType.fromDDL("l array<int>, a int"), ignoreColumnOrder=True)
    assertSchemaEqual(a, T.StructType.fromDDL("x int, y array<int>"), ignoreColumnName=True)
    for other, more in [(b, {"ignoreNullable": False}), (T.StructType.fromDDL("a int, l array<string>"), {}), (T.StructType.fromDDL("a int"), {}), (T.StructType.fromDDL("a decimal(5,2), l array<int>"), {})]:
        with pytest.raises(PySparkAssertionError) as caught:
            assertSchemaEqual(a, other, **more)
        assert caught.value.getCondition() == "DIFFERENT_SCHEMA"
    with pytest.raises(PySparkTypeError):
        assertSchemaEqual(a, 5)
