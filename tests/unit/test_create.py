"""Local data to frames and back: inference, checks, values that do not fit, pandas, NumPy, Arrow."""

import array
import collections
import datetime
import decimal
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pyspark_compat.sql import Row
from pyspark_compat.sql import types as T
from raised import condition_of


class Point:
    def __init__(self, **values):
        self.__dict__.update(values)


Named = collections.namedtuple("Named", "x y")
UTC = datetime.timezone.utc

INFERRED = [
    ([(1, "a"), (2, None)], "struct<_1:bigint,_2:string>", [(1, "a"), (2, None)]), ([[1, 2.5]], "struct<_1:bigint,_2:double>", [(1, 2.5)]),
    ([{"a": 1, "b": "x"}, {"b": "y"}], "struct<a:bigint,b:string>", [(1, "x"), (None, "y")]), ([{"b": 1, "a": 2}], "struct<a:bigint,b:bigint>", [(2, 1)]),
    ([(1,), ("x",)], "struct<_1:string>", [("1",), ("x",)]), ([(True,), ("x",)], "struct<_1:string>", [("true",), ("x",)]),
    ([([1, None],)], "struct<_1:array<bigint>>", [([1, None],)]), ([({"k": 1, "j": "x"},)], "struct<_1:map<string,string>>", [({"k": "1", "j": "x"},)]),
    ([((1, "x"),)], "struct<_1:struct<_1:bigint,_2:string>>", [(Row(_1=1, _2="x"),)]), ([(True, b"x", datetime.date(2024, 1, 1))], "struct<_1:boolean,_2:binary,_3:date>", [(True, b"x", datetime.date(2024, 1, 1))]),
    ([([],), ([1],)], "struct<_1:array<bigint>>", [([],), ([1],)]), ([()], "struct<>", [()]), ([([1, "x"],)], "struct<_1:array<string>>", [(["1", "x"],)]),
    ([(datetime.timedelta(days=1),)], "struct<_1:interval day to second>", [(datetime.timedelta(days=1),)]), ([(decimal.Decimal("1.5"),)], "struct<_1:decimal(38,18)>", [(decimal.Decimal("1.500000000000000000"),)]),
    ([Row(b=1, a="x"), Row(b=2, a=None)], "struct<b:bigint,a:string>", [(1, "x"), (2, None)]), ([Point(b=1, a="x")], "struct<a:string,b:bigint>", [("x", 1)]), ([Named(1, "a")], "struct<x:bigint,y:string>", [(1, "a")]),
    ([Row(a=1, b="x"), Row(b="y", a=2)], "struct<a:bigint,b:string>", [(1, "x"), (None, "2")]), ([(array.array("i", [1, 2]),)], "struct<_1:array<int>>", [([1, 2],)]),
    ([Row(s=Row(x=1, y=[Row(z="q")]))], "struct<s:struct<x:bigint,y:array<struct<z:string>>>>", [(Row(x=1, y=[Row(z="q")]),)]), ([(datetime.time(1, 2),)], "struct<_1:time(6)>", [(datetime.time(1, 2),)]),
    ([(datetime.datetime(2024, 1, 1, tzinfo=UTC),)], "struct<_1:timestamp>", None), ([(None, 1), (2.5, None)], "struct<_1:double,_2:bigint>", [(None, 1), (2.5, None)]),
]


@pytest.mark.parametrize("number", range(len(INFERRED)))
def test_inferred(spark, number):
    data, schema, rows = INFERRED[number]
    d = spark.createDataFrame(data)
    assert d.schema.simpleString() == schema
    if rows is not None:
        assert [tuple(r) for r in d.collect()] == rows


REFUSED = {
    "CANNOT_DETERMINE_TYPE": [lambda s: s.createDataFrame([(1, None), (None, None)]), lambda s: s.createDataFrame([(None,)])],
    "CANNOT_MERGE_TYPE": [lambda s: s.createDataFrame([(1,), (2.5,)])], "CANNOT_INFER_TYPE_FOR_FIELD": [lambda s: s.createDataFrame([(object(),)]), lambda s: s.createDataFrame([(np.int64(1),)])],
    "CANNOT_INFER_SCHEMA_FOR_TYPE": [lambda s: s.createDataFrame([1, 2]), lambda s: s.createDataFrame("abc")], "CANNOT_INFER_EMPTY_SCHEMA": [lambda s: s.createDataFrame([]), lambda s: s.createDataFrame(pd.DataFrame())],
    "STRUCT_ARRAY_LENGTH_MISMATCH": [lambda s: s.createDataFrame([(1,), (1, 2)]), lambda s: s.createDataFrame([(1,)], "a int, b int", verifySchema=False)],
    "TypeError": [lambda s: s.createDataFrame(None), lambda s: s.createDataFrame(5)], "NOT_EXPECTED_TYPE": [lambda s: s.createDataFrame([(1,)], 5)],
    "FIELD_STRUCT_LENGTH_MISMATCH": [lambda s: s.createDataFrame([(1, "a")], "x bigint, y string, z int"), lambda s: s.createDataFrame(pd.DataFrame({"a": [1]}), "a int, b int")],
    "IndexError": [lambda s: s.createDataFrame([(1, "a")], ["x", "y", "z"])], "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME": [lambda s: s.createDataFrame([{"a": "x"}], "a int"), lambda s: s.createDataFrame([(1,)], "d float"), lambda s: s.createDataFrame(pd.DataFrame({"a": ["x"]}), "a int")],
    "FIELD_NOT_NULLABLE_WITH_NAME": [lambda s: s.createDataFrame([(None,)], "a int not null")], "VALUE_OUT_OF_BOUNDS": [lambda s: s.createDataFrame([(300,)], "a tinyint"), lambda s: s.createDataFrame(pd.DataFrame({"a": [300]}), "a tinyint")],
    "INVALID_NDARRAY_DIMENSION": [lambda s: s.createDataFrame(np.zeros((1, 1, 1)))], "UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION": [lambda s: s.createDataFrame(pa.table({"u": pa.array([1], pa.uint8())}))],
    "ValueError": [lambda s: s.createDataFrame(pa.table({"i": [1], "s": ["a"]}), "p bigint, q string")],
}


@pytest.mark.filterwarnings("ignore:createDataFrame goes by rows")
@pytest.mark.parametrize("condition", REFUSED)
def test_refused(spark, condition):
    for function in REFUSED[condition]:
        assert condition_of(lambda: function(spark)) == condition


def test_schemas(spark):
    rows = [(1, "a"), (2, "b")]
    assert spark.createDataFrame(rows, ["x", "y"]).schema.simpleString() == "struct<x:bigint,y:string>"
    assert spark.createDataFrame(rows, ["x"]).columns == ["x", "_2"] and spark.createDataFrame(rows, ("x", "y")).columns == ["x", "y"]
    assert spark.createDataFrame([1, None], "int").collect() == [Row(value=1), Row(value=None)]
    assert spark.createDataFrame([[1, 2]], T.ArrayType(T.IntegerType())).collect() == [Row(value=[1, 2])]
    assert spark.createDataFrame([{"a": 1}, {"b": "x", "c": 3}], "a int, b string").collect() == [Row(a=1, b=None), Row(a=None, b="x")]
    assert spark.createDataFrame([{"a": 1, "b": 2}], ["x", "y"]).collect() == [Row(x=1, y=2)]
    assert spark.createDataFrame([], "a int, b string").columns == ["a", "b"] and spark.createDataFrame([], T.StructType([])).columns == []
    assert spark.createDataFrame(map(lambda i: (i,), range(2)), "i int").collect() == [Row(i=0), Row(i=1)]
    assert spark.createDataFrame([Point(b=1, a="x")], "a string, b int").collect() == [Row(a="x", b=1)]
    meta = T.StructType([T.StructField("a", T.IntegerType(), False, {"k": 1})])
    assert spark.createDataFrame([(1,)], meta).schema == meta
    assert spark.emptyDataFrame("a int").isEmpty()


def test_not_verified(spark):
    value = lambda v, kind: spark.createDataFrame([(v,)], f"d {kind}", verifySchema=False).first().d
    assert [value("x", "int"), value(1, "double"), value(300, "tinyint"), value(1, "bigint")] == [None, None, 44, 1]
    assert [value([1, None], "string"), value({"a": 1}, "string"), value(True, "string")] == ["[1, None]", "{'a': 1}", "true"]
    assert value((1, 2), "array<int>") == [1, 2] and value(bytearray(b"x"), "binary") == b"x"


def test_timestamps(spark):
    naive, aware = datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    d = spark.createDataFrame([(naive, aware, naive)], "a timestamp, b timestamp, c timestamp_ntz")
    assert d.first() == Row(a=naive, b=aware.astimezone().replace(tzinfo=None), c=naive)


def test_pandas(spark):
    frame = pd.DataFrame({"i": [1, 2], "f": [1.5, np.nan], "s": ["a", None], "t": pd.to_datetime(["2024-01-01", None]), "c": pd.Categorical(["x", "y"]), "d": pd.to_timedelta(["1 day", None])})
    d = spark.createDataFrame(frame)
    assert d.schema.simpleString() == "struct<i:bigint,f:double,s:string,t:timestamp,c:string,d:interval day to second>"
    assert d.collect()[1][2:] == (None, None, "y", None) and d.first().t == datetime.datetime(2024, 1, 1)
    assert spark.createDataFrame(frame[["i", "s"]], "x int, y string").dtypes == [("x", "int"), ("y", "string")]
    assert spark.createDataFrame(frame[["i", "s"]], ["p"]).columns == ["p"]
    assert spark.createDataFrame(pd.DataFrame([[1, 2]])).columns == ["0", "1"]
    assert spark.createDataFrame(pd.DataFrame({"a": [1.0, np.nan]}), "a int").collect() == [Row(a=1), Row(a=None)]
    with pytest.warns(UserWarning, match="goes by rows"):
        assert [r.c for r in spark.createDataFrame(pd.DataFrame({"c": [1, "x"]})).collect()] == ["1", "x"]


def test_session_zone(spark):
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    at = datetime.datetime(2024, 1, 1, 5, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert spark.createDataFrame(pd.DataFrame({"c": pd.to_datetime(["2024-01-01"])})).first().c == at
    assert spark.createDataFrame(pa.table({"c": pa.array([datetime.datetime(2024, 1, 1)], pa.timestamp("us"))})).first().c == at
    nested = pa.table({"c": pa.array([[datetime.datetime(2024, 1, 1)]], pa.list_(pa.timestamp("us")))})
    assert spark.createDataFrame(nested).first().c == [at]
    d = spark.createDataFrame([(datetime.datetime(2024, 1, 1, 5, tzinfo=UTC), [datetime.datetime(2024, 1, 1, 5, tzinfo=UTC)])], "c timestamp, l array<timestamp>")
    p = d.toPandas()
    assert p.c[0] == pd.Timestamp("2024-01-01") and list(p.l[0]) == [pd.Timestamp("2024-01-01")]


def test_arrow(spark):
    table = pa.table({"i": pa.array([1, None], pa.int32()), "l": pa.array([[1], None], pa.list_(pa.int64())), "ls": pa.array(["q", None], pa.large_string()), "st": pa.array([{"a": 1}, None]), "dict": pa.array(["x", "x"]).dictionary_encode()})
    d = spark.createDataFrame(table)
    assert d.schema.simpleString() == "struct<i:int,l:array<bigint>,ls:string,st:struct<a:bigint>,dict:string>"
    assert d.collect() == [Row(i=1, l=[1], ls="q", st=Row(a=1), dict="x"), Row(i=None, l=None, ls=None, st=None, dict="x")]
    assert spark.createDataFrame(table.select(["i", "ls"]), ["p", "q"]).columns == ["p", "q"]
    assert spark.createDataFrame(table.slice(0, 0)).collect() == []
    assert d.toArrow().schema.field("i").type == pa.int32() and d.toArrow().num_rows == 2


def test_numpy(spark):
    assert spark.createDataFrame(np.array([[1, 2], [3, 4]])).collect() == [Row(_1=1, _2=2), Row(_1=3, _2=4)]
    assert spark.createDataFrame(np.array([1.5, 2.5])).columns == ["value"] and spark.createDataFrame(np.array([[1], [2]])).columns == ["value"]
    assert spark.createDataFrame(np.array([[1, 2]]), "a int, b double").collect() == [Row(a=1, b=2.0)]


WIDE = "b boolean, i int, l bigint, f float, m decimal(10,2), x string, y binary, e date, z timestamp, n timestamp_ntz, a array<int>, aa array<array<string>>, p map<string,int>, s struct<u:int,v:array<string>>, dt interval day to second, tm time(6)"
VALUES = (True, 2, 3, 1.5, decimal.Decimal("1.10"), "a", b"\x00", datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4, 5), datetime.datetime(2024, 1, 2, 3, 4, 5), [1, None], [["q"], None], {"k": 1}, (1, ["x"]), datetime.timedelta(days=1, microseconds=5), datetime.time(1, 2, 3))


def dtypes(frame):
    return dict(zip(frame.columns, map(str, frame.dtypes)))


def test_to_pandas(spark):
    full, half = spark.createDataFrame([VALUES], WIDE), spark.createDataFrame([VALUES, (None,) * len(VALUES)], WIDE)
    common = {"f": "float32", "m": "object", "x": "object", "y": "object", "e": "object", "z": "datetime64[ns]", "n": "datetime64[ns]", "a": "object", "aa": "object", "p": "object", "s": "object", "dt": "timedelta64[ns]", "tm": "object"}
    assert dtypes(full.toPandas()) == {"b": "bool", "i": "int32", "l": "int64", **common}
    assert dtypes(half.toPandas()) == {"b": "object", "i": "float64", "l": "float64", **common}
    assert dtypes(full.limit(0).toPandas()) == dtypes(full.toPandas())
    p = half.toPandas()
    assert p.p[0] == {"k": 1} and p.s[0]["u"] == 1 and list(p.s[0]["v"]) == ["x"] and p.m[0] == decimal.Decimal("1.10")
    assert p.a[0].dtype == "float64" and p.e[0] == datetime.date(2024, 1, 2) and list(p.aa[0][0]) == ["q"] and p.aa[0][1] is None
    assert p.b[1] is None and p.x[1] is None and p.s[1] is None and np.isnan(p.i[1]) and p.z[1] is pd.NaT
    spark.conf.set("spark.sql.execution.pandas.structHandlingMode", "row")
    assert full.toPandas().s[0][0] == 1 and isinstance(full.toPandas().s[0], Row)
    assert spark.range(2).select().toPandas().shape == (2, 0)
    assert list(spark.range(1).select("id", "id").toPandas().columns) == ["id", "id"]


def test_plain_rows_are_made_by_columns(spark):
    rows = [(i, float(i), str(i), i % 2 == 0) for i in range(100_000)]
    start = time.process_time()
    d = spark.createDataFrame(rows)
    made = time.process_time() - start
    spark.createDataFrame(rows, "a bigint, b double, c string, d boolean")
    assert d.first() == Row(_1=0, _2=0.0, _3="0", _4=True)
    assert made < 3
