"""Arrow columns to Python values and back, in several zones, with and without NumPy."""

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark_compat_worker import convert, local_time

from pyspark_compat.sql.types import DataType, Row, StructType

TIMES = [datetime(2024, 1, 2, 3, 4, 5, 6), None, datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(2024, 7, 1, 1, 30)]
COLUMNS = {
    "int": [1, None, -5], "bigint": [1, None, 2**60], "double": [1.5, None, float("inf")], "boolean": [True, None, False],
    "string": ["x", None, "é"], "binary": [b"x", None, b""], "date": [date(2024, 1, 2), None, date(1900, 1, 1)],
    "timestamp": TIMES, "timestamp_ntz": TIMES, "decimal(10,2)": [Decimal("1.50"), None, Decimal("-0.01")],
    "decimal(38,18)": [Decimal("0.000000000000000001"), None], "array<int>": [[1, None], None, [], [3]],
    "array<timestamp>": [TIMES, None, []], "map<string,int>": [{"a": 1, "b": None}, None, {}],
    "struct<x:int,y:string>": [Row(x=1, y="q"), None, Row(x=None, y=None)], "struct<>": [Row(), None], "void": [None, None],
    "array<struct<x:int,m:map<string,array<date>>>>": [[Row(x=1, m={"k": [date(2024, 1, 1), None]}), None], None, []],
    "interval day to second": [timedelta(days=1, microseconds=5), None, timedelta(-1)],
}


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata"])
def zone(request):
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize("with_numpy", [False, True])
@pytest.mark.parametrize("text", sorted(COLUMNS))
def test_round_trip(text, zone, with_numpy, monkeypatch):
    if with_numpy:
        np = pytest.importorskip("numpy")
    monkeypatch.setattr(local_time, "numpy_for", lambda count: np if with_numpy else None)
    data_type, values = DataType.fromDDL(f"struct<v:{text}>")[0].dataType, COLUMNS[text]
    array = convert.to_array(data_type)(values)
    array.validate(full=True)
    assert array.type == convert.arrow_type(data_type)
    read = convert.to_values(data_type)
    assert read(array) == values and read(array.slice(1)) == values[1:]
    assert read(pa.chunked_array([array, array.slice(1)])) == values + values[1:]
    assert read(array.slice(0, 0)) == [] and convert.to_array(data_type)([]).type == array.type


def test_instants_follow_the_machine(zone):
    instant = datetime(2024, 3, 10, 7, 30, tzinfo=UTC)
    data_type = DataType.fromDDL("timestamp")
    array = convert.to_array(data_type)([instant])
    assert array.cast(pa.int64()).to_pylist() == [int(instant.timestamp()) * 1_000_000]
    assert convert.to_values(data_type)(array) == [instant.astimezone().replace(tzinfo=None)]


@pytest.mark.parametrize("text, value, want", [
    ("int", "3", 3), ("int", 3.5, 3), ("string", [1], "[1]"), ("string", True, "true"), ("string", b"x", "b'x'"),
    ("struct<x:int,y:string>", (1, "a"), {"x": 1, "y": "a"}), ("struct<x:int,y:string>", {"y": "a"}, {"x": None, "y": "a"}),
    ("boolean", 1, True), ("double", 1, 1.0), ("date", datetime(2024, 1, 1, 5), date(2024, 1, 1)),
    ("decimal(10,2)", Decimal("1.005"), Decimal("1.00")), ("decimal(10,2)", Decimal("NaN"), None),
    ("map<string,int>", {"a": "1"}, [("a", 1)]),
])
def test_coercions_of_results(text, value, want):
    assert convert.to_array(DataType.fromDDL(text))([value]).to_pylist() == [want]


@pytest.mark.parametrize("text, value", [
    ("int", 2**40), ("int", "x"), ("decimal(10,2)", 1.5), ("decimal(10,2)", 1), ("binary", "s"), ("array<int>", [1, "a"]),
    ("struct<x:int>", [1]), ("struct<x:int>", (1, 2)), ("timestamp", 5), ("bigint", 2**70),
    ("timestamp_ntz", datetime(2024, 1, 1, tzinfo=UTC)), ("map<string,int>", [1]), ("void", 1),
])
def test_refused_results(text, value):
    with pytest.raises((TypeError, ValueError, OverflowError)):
        convert.to_array(DataType.fromDDL(text))([value])


def batch_of(rows, schema):
    return pa.RecordBatch.from_struct_array(convert.to_array(schema)(rows))


def test_rows():
    schema = StructType.fromDDL("a bigint, b string, c timestamp")
    values = [(i, str(i), datetime(2024, 1, 1) + timedelta(seconds=i)) for i in range(10)]
    batch = batch_of(values, schema)
    assert batch.schema == convert.arrow_schema(schema)
    assert convert.to_rows(batch, schema) == values and convert.to_rows(batch, schema)[3].b == "3"
    assert batch_of([{"b": "x"}], schema).to_pydict() == {"a": [None], "b": ["x"], "c": [None]}
    assert batch_of([], schema).num_rows == 0
    assert convert.to_rows(pa.record_batch([pa.nulls(3)], ["x"]).select([]), StructType()) in ([], [(), (), ()])


def test_arrow_schemas_become_sparks():
    schema = StructType.fromDDL("a int, b array<string>, c map<string,decimal(5,2)>, d struct<x:timestamp>, e timestamp_ntz")
    assert convert.spark_schema(convert.arrow_schema(schema), prefer_timestamp_ntz=True) == schema
    assert convert.spark_type(pa.large_string()).simpleString() == "string"
    assert convert.spark_name(pa.timestamp("ns", "Asia/Kolkata")) == "timestamp"
    assert convert.spark_type(pa.dictionary(pa.int32(), pa.string())).simpleString() == "string"


@pytest.mark.parametrize("text", [t for t in COLUMNS if t not in ("void", "struct<>", "struct<x:int,y:string>")])
def test_pandas_round_trip(text):
    pytest.importorskip("pandas")
    data_type, values = DataType.fromDDL(f"struct<v:{text}>")[0].dataType, COLUMNS[text]
    array = convert.to_array(data_type)(values)
    series = convert.to_series(array, data_type, "America/New_York")
    assert convert.from_series(series, data_type, "America/New_York").equals(array)


def test_frames():
    pd = pytest.importorskip("pandas")
    schema = StructType.fromDDL("a bigint, t timestamp, s struct<x:int>")
    batch = batch_of([(1, datetime(2024, 1, 1, tzinfo=UTC), (5,))], schema)
    frame = convert.to_frame(batch, schema, "America/New_York")
    assert list(frame.columns) == ["a", "t", "s"] and frame["t"][0] == pd.Timestamp(2023, 12, 31, 19)
    assert frame["s"][0] == {"x": 5}
    assert convert.from_frame(frame[["s", "t", "a"]], schema, "America/New_York").equals(batch)
    positional = frame.set_axis(range(3), axis=1)
    assert convert.from_frame(positional, schema, "America/New_York").equals(batch)
    for wrong, condition in ((frame[["a"]], "RESULT_COLUMN_NAMES_MISMATCH"), (positional[[0]], "RESULT_COLUMN_SCHEMA_MISMATCH")):
        with pytest.raises(RuntimeError) as e:
            convert.from_frame(wrong, schema, "UTC")
        assert e.value.getCondition() == condition
    with pytest.raises((TypeError, ValueError)):
        convert.from_series(pd.Series(["x"]), DataType.fromDDL("int"), "UTC")
    assert convert.from_series(pd.Series([1.0, None]), DataType.fromDDL("int"), "UTC").to_pylist() == [1, None]


def test_types_load_no_arrow():
    code = "import sys, pyspark_compat_worker.types; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
