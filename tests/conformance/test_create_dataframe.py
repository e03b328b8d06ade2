"""createDataFrame from every kind of input, with and without a schema; range; emptiness."""

import datetime
import decimal

import pytest


@pytest.mark.parametrize("rows", [
    [(1, "a"), (2, None)], [[1, 2.5]], [{"a": 1, "b": "x"}, {"b": "y"}], [{"b": 1, "a": 2}], [(1, None), (None, None)], [(None,)], [(1,), (2.5,)],
    [(1,), ("x",)], [([1, None],)], [({"k": 1},)], [({"k": 1, "j": "x"},)], [((1, "x"),)], [(True, b"x", datetime.date(2024, 1, 1))],
    [(datetime.datetime(2024, 1, 1), decimal.Decimal("1.5"))], [([],), ([1],)], [(2**40,)], [], [1, 2, 3], ["a"], [()], [([1, "x"],)], [(object(),)],
    [(1,), (1, 2)], [(datetime.timedelta(days=1),)],
], ids=lambda r: repr(r)[:60].split(" at 0x")[0])
def test_inferred(check, spark, rows):
    check.outcome(lambda: spark.createDataFrame(rows))


@pytest.mark.parametrize("schema", [["x", "y"], ["x"], ("x", "y"), "x int, y string", "x bigint, y string, z int", ["x", "y", "z"], "struct<x:int,y:string>", 5])
def test_schema_forms(check, spark, schema):
    check.outcome(lambda: spark.createDataFrame([(1, "a"), (2, "b")], schema))


def test_rows(check, spark, api):
    Row = api.Row
    check(spark.createDataFrame([Row(b=1, a="x"), Row(b=2, a=None)]))
    check.outcome(lambda: spark.createDataFrame([Row(b=1, a="x")], "a string, b int"))
    Person = Row("name", "age")
    check(spark.createDataFrame([Person("A", 1), Person("B", 2)]))
    check(spark.createDataFrame([Row(s=Row(x=1, y=[Row(z="q")]))]))


def test_dicts_with_schema(check, spark):
    check(spark.createDataFrame([{"a": 1}, {"b": "x", "c": 3}], "a int, b string"))
    check.outcome(lambda: spark.createDataFrame([{"a": "x"}], "a int"))


def test_a_single_type_as_schema(check, spark, T):
    check(spark.createDataFrame([1, 2, None], "int"))
    check(spark.createDataFrame(["a", "b"], T.StringType()))
    check(spark.createDataFrame([[1, 2]], T.ArrayType(T.IntegerType())))


def test_verify_schema_off(check, spark):
    check.outcome(lambda: spark.createDataFrame([(1,)], "a bigint", verifySchema=False))


def test_empty(check, spark, T):
    check(spark.createDataFrame([], "a int, b string"))
    check(spark.createDataFrame([], T.StructType([])))
    check(spark.createDataFrame([], "a int").isEmpty())


def test_generators_and_tuples(check, spark):
    check(spark.createDataFrame(((i, str(i)) for i in range(3)), ["i", "s"]))
    check(spark.createDataFrame(((1, "a"), (2, "b")), ["i", "s"]))
    check(spark.createDataFrame(map(lambda i: (i,), range(2)), "i int"))


@pytest.mark.parametrize("data", [None, 5, "abc"])
def test_refused_data(check, spark, data):
    check.outcome(lambda: spark.createDataFrame(data))


def test_pandas(check, spark):
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({
        "i": [1, 2], "f": [1.5, np.nan], "s": ["a", None], "b": [True, False], "t": pd.to_datetime(["2024-01-01 00:00:01", None]),
        "i8": np.array([1, 2], dtype="int8"), "i32": np.array([1, 2], dtype="int32"), "f32": np.array([1, 2], dtype="float32"),
    })
    check(spark.createDataFrame(frame))
    check(spark.createDataFrame(frame[["i", "s"]], "x int, y string"))
    check(spark.createDataFrame(frame[["i", "s"]], ["p", "q"]))
    check(spark.createDataFrame(pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "l": [[1, 2], None], "d": [datetime.date(2024, 1, 1), None]})))
    check(spark.createDataFrame(pd.DataFrame({"z": pd.to_datetime(["2024-01-01T00:00:00+02:00"])})))
    check.outcome(lambda: spark.createDataFrame(pd.DataFrame()))
    check.outcome(lambda: spark.createDataFrame(pd.DataFrame({"a": []})))


def test_arrow(check, spark):
    import pyarrow as pa

    table = pa.table({
        "i": pa.array([1, None], pa.int32()), "s": ["a", None], "d": pa.array([1.5, None]), "l": pa.array([[1], None], pa.list_(pa.int64())),
        "t": pa.array([0, None], pa.timestamp("us", "UTC")), "n": pa.array([0, None], pa.timestamp("us")), "x": pa.array([b"a", None]),
        "st": pa.array([{"a": 1}, None]), "dec": pa.array([decimal.Decimal("1.50"), None], pa.decimal128(5, 2)), "da": pa.array([0, None], pa.date32()),
        "u8": pa.array([1, None], pa.uint8()), "ls": pa.array(["q", None], pa.large_string()),
    })
    check.outcome(lambda: spark.createDataFrame(table.drop_columns(["u8"])))
    check.outcome(lambda: spark.createDataFrame(table.select(["u8"])))
    check.outcome(lambda: spark.createDataFrame(table.select(["i", "s"]), "p bigint, q string"))
    check.outcome(lambda: spark.createDataFrame(table.select(["i", "s"]), ["p", "q"]))


@pytest.mark.parametrize("kind", ["TIMESTAMP_LTZ", "TIMESTAMP_NTZ"])
def test_arrow_timestamps(check, spark, conf, kind):
    """Nanoseconds are cut downwards, and what has no zone is of the session's, but not within every Arrow form."""
    import pyarrow as pa

    conf("spark.sql.session.timeZone", "America/Los_Angeles")
    conf("spark.sql.timestampType", kind)
    bare, zoned, values = pa.timestamp("ns"), pa.timestamp("ns", "Europe/Berlin"), [-1, -1001, 1999, None]
    for array in (pa.array(values, bare), pa.array(values, zoned), pa.array([values], pa.list_(bare)), pa.array([values], pa.list_(zoned)),
                  pa.array([{"a": -1}], pa.struct([("a", bare)])), pa.array([[(-1, -1)]], pa.map_(bare, zoned)),
                  pa.array([[-1]], pa.large_list(pa.timestamp("s"))), pa.array([[-1000, 0]], pa.list_(bare, 2)), pa.array([-1, None], pa.timestamp("ms")),
                  pa.array([-1, None], pa.timestamp("us")).dictionary_encode()):
        check(spark.createDataFrame(pa.table({"c": array})))


def test_numpy(check, spark):
    import numpy as np

    check.outcome(lambda: spark.createDataFrame(np.array([[1, 2], [3, 4]])))
    check.outcome(lambda: spark.createDataFrame(np.array([1.5, 2.5])))
    check.outcome(lambda: spark.createDataFrame([(np.int64(1), np.float32(2.5), np.str_("x"))]))


@pytest.mark.parametrize("arguments", [(3,), (2, 5), (0, 10, 3), (5, 0, -2), (5, 0), (0, 0), (0, 3, 1, 2)])
def test_range(check, spark, arguments):
    check(spark.range(*arguments))


def test_range_refuses_step_zero(check, spark):
    check.outcome(lambda: spark.range(0, 5, 0))


def test_local_frames_keep_order(check, spark):
    check([r.i for r in spark.createDataFrame([(i,) for i in range(100, 0, -1)], "i int").collect()])
