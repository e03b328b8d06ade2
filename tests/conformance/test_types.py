"""Data types: names, JSON, DDL, equality, and every type's way from Python to a frame and back."""

import datetime
import decimal

import pytest

TYPES = [
    "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(38,0)", "string", "binary", "date",
    "timestamp", "timestamp_ntz", "void", "array<int>", "map<string,double>", "struct<a:int,b:string>",
    "array<struct<x:array<map<int,string>>>>",
]


@pytest.mark.parametrize("ddl", TYPES)
def test_ddl_to_type(check, T, ddl, spark):
    kind = T.StructType.fromDDL(f"c {ddl}").fields[0].dataType
    check([kind.simpleString(), kind.typeName(), kind.jsonValue(), repr(kind), kind.json()])
    check(T._parse_datatype_json_string(kind.json()) == kind)


@pytest.mark.parametrize("ddl", [
    "a int, b string", "a: int, b: string", "struct<a:int,b:array<string>>", "a INT NOT NULL, b STRING COMMENT 'the b'",
    "`odd name` int", "a decimal", "a decimal(5)", "a dec(4,1)", "a numeric(3,2)", "a long", "a short", "a byte", "a real", "a integer", "a varchar(5)",
    "a char(3)", "a timestamp_ltz", "a interval day to second", "int", "array<int>", "", "a", "a nosuchtype", "a decimal(39,0)", "a array<>",
    "a int b int", "a int,, b int",
])
def test_ddl_forms(check, spark, ddl):
    check.outcome(lambda: spark.createDataFrame([], ddl).schema)


def test_struct_type_as_a_collection(check, T):
    s = T.StructType().add("a", "integer").add("b", T.StringType(), False, {"note": 1}).add(T.StructField("c", T.DateType()))
    check([s.names, s.fieldNames(), len(s), s["b"], s[0], s[1:], [f.name for f in s], "a" in s.names, repr(s["b"]), s.simpleString(), str(s)])
    check(s.jsonValue())
    check(s.needConversion())
    check.error(lambda: s["zz"])
    check.error(lambda: s[9])
    check.error(lambda: s.add("x"))
    check.error(lambda: s.add("x", "int"))


def test_equality_and_hash(check, T):
    a, b = T.ArrayType(T.IntegerType()), T.ArrayType(T.IntegerType(), False)
    check([a == b, a == T.ArrayType(T.IntegerType()), T.IntegerType() == T.IntegerType(), T.IntegerType() is T.IntegerType(),
           hash(T.StringType()) == hash(T.StringType()), T.DecimalType() == T.DecimalType(10, 0), T.LongType() != T.IntegerType()])


def test_tree_string(check, T):
    s = T.StructType.fromDDL("a int not null, s struct<x:array<struct<y:int>>, m:map<string,struct<z:date>>>")
    check(s.treeString())
    check(s.treeString(2))


@pytest.mark.parametrize("ddl,values", [
    ("boolean", [True, False, None]),
    ("tinyint", [-128, 127, 0, None]),
    ("smallint", [-32768, 32767, None]),
    ("int", [-2147483648, 2147483647, None]),
    ("bigint", [-(2**63), 2**63 - 1, None]),
    ("float", [1.5, 0.1, -0.0, float("inf"), float("-inf"), float("nan"), None]),
    ("double", [1.5, 0.1, -0.0, 1e300, 5e-324, float("inf"), float("nan"), None]),
    ("decimal(10,2)", [decimal.Decimal("1.10"), decimal.Decimal("-99999999.99"), decimal.Decimal("3"), None]),
    ("decimal(38,18)", [decimal.Decimal("12345678901234567890.123456789012345678"), None]),
    ("string", ["", "abc", "äö ß", "😀", "a\x00b", "line\nbreak", None]),
    ("binary", [b"", b"\x00\xff", bytearray(b"abc"), None]),
    ("date", [datetime.date(1, 1, 1), datetime.date(1969, 12, 31), datetime.date(1970, 1, 1), datetime.date(9999, 12, 31), None]),
    ("timestamp", [datetime.datetime(1970, 1, 1), datetime.datetime(2024, 2, 29, 23, 59, 59, 999999), datetime.datetime(1900, 1, 1, 0, 0, 1), None]),
    ("timestamp_ntz", [datetime.datetime(2024, 3, 10, 2, 30), datetime.datetime(1, 1, 1), None]),
    ("array<int>", [[1, None, 3], [], None]),
    ("array<array<string>>", [[["a"], [], None], None]),
    ("map<string,int>", [{"a": 1, "b": None}, {}, None]),
    ("struct<a:int,b:string>", [(1, "x"), (None, None), None]),
    ("struct<a:struct<b:array<date>>>", [(([datetime.date(2024, 1, 1)],),), None]),
    ("void", [None, None]),
])
def test_round_trip(check, spark, ddl, values):
    df = spark.createDataFrame([(v,) for v in values], f"c {ddl}")
    check(df)
    check(df.toArrow())
    check.outcome(lambda: df.toPandas())


@pytest.mark.parametrize("ddl,value", [
    ("tinyint", 128), ("smallint", 40000), ("int", 2**31), ("bigint", 2**63), ("int", "1"), ("int", 1.0), ("string", 1), ("string", [1]), ("boolean", 1),
    ("double", 1), ("float", "1"), ("date", "2024-01-01"), ("timestamp", "2024-01-01"), ("date", datetime.datetime(2024, 1, 1, 5)),
    ("timestamp", datetime.date(2024, 1, 1)), ("decimal(5,2)", 1), ("decimal(3,1)", decimal.Decimal("123.4")), ("decimal(5,1)", decimal.Decimal("1.25")),
    ("binary", "abc"), ("array<int>", (1, 2)), ("array<int>", "ab"), ("map<string,int>", [1]), ("struct<a:int>", [1]), ("struct<a:int,b:int>", (1,)),
    ("struct<a:int,b:int>", {"b": 2}), ("void", 1), ("int", True),
])
def test_wrong_python_value(check, spark, ddl, value):
    check.outcome(lambda: spark.createDataFrame([(value,)], f"c {ddl}"))


def test_not_null_refuses_none(check, spark):
    check.error(lambda: spark.createDataFrame([(None,)], "c int not null"))


def test_timestamps_with_a_zone(check, spark):
    plus5 = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    df = spark.createDataFrame([(datetime.datetime(2024, 1, 1, 5, 30, tzinfo=plus5),), (datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc),)], "t timestamp")
    check(df)


def test_session_zone_decides_text_not_the_instant(check, spark, conf):
    df = spark.createDataFrame([(datetime.datetime(2024, 7, 1, 12),)], "t timestamp")
    conf("spark.sql.session.timeZone", "America/New_York")
    check(df.selectExpr("cast(t as string)", "hour(t)", "cast(t as date)", "cast(t as bigint)", "cast(t as timestamp_ntz)"))


def test_rows(check, api):
    Row = api.Row
    r = Row(name="Alice", age=11)
    check([r, r.name, r["age"], r[0], r.asDict(), repr(r), len(r), "name" in r, "zz" in r, r == ("Alice", 11), list(r)])
    Person = Row("name", "age")
    check([Person, repr(Person), Person("Bob", 5), "name" in Person])
    check([Row(1, "x"), repr(Row(1, "x")), Row(a=Row(b=1)).asDict(True), Row(b=1, a=2)])
    check.error(lambda: r.zz)
    check.error(lambda: r["zz"])
    check.error(lambda: Person(1, 2, 3))
    check.error(lambda: setattr(r, "name", "x"))
    check.error(lambda: Row(1, a=2))
    check.error(lambda: Row(1).asDict())
