"""Data types: text forms, DDL, JSON, inference, merging, checks."""

import array
import collections
import datetime
import decimal
import json
import pickle

import pytest

from pyspark_compat.errors import PySparkTypeError, PySparkValueError
from pyspark_compat.sql import types as T
from pyspark_compat.sql.types import Row

NESTED = "a INT, b STRING NOT NULL COMMENT 'it\\'s', `c d` ARRAY<STRUCT<x: INT, y: MAP<STRING, DECIMAL(10,2)>>>, e INTERVAL DAY TO SECOND"


@pytest.mark.parametrize("text, simple, shown", [
    ("tinyint", "tinyint", "ByteType()"), ("smallint", "smallint", "ShortType()"), ("int", "int", "IntegerType()"),
    ("bigint", "bigint", "LongType()"), ("float", "float", "FloatType()"), ("double", "double", "DoubleType()"),
    ("boolean", "boolean", "BooleanType()"), ("string", "string", "StringType()"), ("binary", "binary", "BinaryType()"),
    ("date", "date", "DateType()"), ("timestamp", "timestamp", "TimestampType()"),
    ("timestamp_ntz", "timestamp_ntz", "TimestampNTZType()"), ("decimal", "decimal(10,0)", "DecimalType(10,0)"),
    ("dec(5)", "decimal(5,0)", "DecimalType(5,0)"), ("void", "void", "NullType()"), ("variant", "variant", "VariantType()"),
    ("char(3)", "char(3)", "CharType(3)"), ("varchar(4)", "varchar(4)", "VarcharType(4)"),
    ("interval", "interval", "CalendarIntervalType()"), ("time", "time(6)", "TimeType(6)"),
    ("interval year to month", "interval year to month", "YearMonthIntervalType(0, 1)"),
    ("interval hour", "interval hour", "DayTimeIntervalType(1, 1)"),
    ("array<int>", "array<int>", "ArrayType(IntegerType(), True)"),
    ("map<string,array<int>>", "map<string,array<int>>", "MapType(StringType(), ArrayType(IntegerType(), True), True)"),
    ("struct<a:int>", "struct<a:int>", "StructType([StructField('a', IntegerType(), True)])"),
])
def test_text_forms(text, simple, shown):
    data_type = T._parse_datatype_string(text)
    assert data_type.simpleString() == simple and repr(data_type) == shown
    assert T._parse_datatype_json_string(data_type.json()) == data_type
    assert pickle.loads(pickle.dumps(data_type)) == data_type and hash(data_type) == hash(T._parse_datatype_string(text))


def test_nested_schema():
    schema = T.StructType.fromDDL(NESTED)
    assert schema.fieldNames() == ["a", "b", "c d", "e"] and len(schema) == 4
    assert schema["b"].metadata == {"comment": "it's"} and not schema["b"].nullable
    assert T.StructType.fromJson(json.loads(schema.json())) == schema and T.StructType.fromDDL(schema.toDDL()) == schema
    assert schema.treeString() == """root
 |-- a: integer (nullable = true)
 |-- b: string (nullable = false)
 |-- c d: array (nullable = true)
 |    |-- element: struct (containsNull = true)
 |    |    |-- x: integer (nullable = true)
 |    |    |-- y: map (nullable = true)
 |    |    |    |-- key: string
 |    |    |    |-- value: decimal(10,2) (valueContainsNull = true)
 |-- e: interval day to second (nullable = true)
"""
    assert schema.treeString(1).count("\n") == 5
    assert schema.toNullable()["b"].nullable


def test_struct_building():
    schema = T.StructType().add("a", "string").add(T.StructField("b", T.LongType(), False)).add("c", T.DateType(), True, {"k": 1})
    assert [f.name for f in schema] == ["a", "b", "c"] and schema[1].name == "b" and schema[0:2].names == ["a", "b"]
    assert schema["c"].metadata == {"k": 1}
    for key, error in (("z", KeyError), (9, IndexError), (1.5, TypeError)):
        with pytest.raises(error):
            schema[key]
    with pytest.raises(PySparkValueError):
        T.StructType().add("a")
    with pytest.raises(AssertionError):
        T.ArrayType("int")


def test_singletons_and_equality():
    assert T.IntegerType() is T.IntegerType() and T.IntegerType() != T.LongType()
    assert T.DecimalType(5, 2) == T.DecimalType(5, 2) != T.DecimalType(5, 3)


@pytest.mark.parametrize("value, want", [
    (None, "void"), (True, "boolean"), (1, "bigint"), (1.5, "double"), ("x", "string"), (b"x", "binary"),
    (decimal.Decimal("1.5"), "decimal(38,18)"), (datetime.date(2024, 1, 1), "date"),
    (datetime.datetime(2024, 1, 1), "timestamp"), (datetime.timedelta(1), "interval day to second"),
    ([1, None], "array<bigint>"), ([], "array<void>"), ({"a": 1}, "map<string,bigint>"), ({}, "map<void,void>"),
    (Row(a=1, b="x"), "struct<a:bigint,b:string>"), ((1, "x"), "struct<_1:bigint,_2:string>"),
    (collections.namedtuple("P", "u v")(1, 2), "struct<u:bigint,v:bigint>"), (array.array("i", [1]), "array<int>"),
    ([{"a": 1}, {"b": 2}], "array<map<string,bigint>>"), ([1, "x"], "array<string>"),
])
def test_inference(value, want):
    assert T._infer_type(value).simpleString() == want


def test_inference_options():
    assert T._infer_type({"a": 1, "b": None}, infer_dict_as_struct=True).simpleString() == "struct<a:bigint>"
    assert T._infer_type([1, "x"], infer_array_from_first_element=True).simpleString() == "array<bigint>"
    assert T._infer_type(datetime.datetime(2024, 1, 1), prefer_timestamp_ntz=True) == T.TimestampNTZType()
    assert T._infer_schema({"b": 1, "a": "x"}).simpleString() == "struct<a:string,b:bigint>"
    assert T._infer_schema((1, 2, 3), ["x"]).names == ["x", "_2", "_3"]
    with pytest.raises(PySparkTypeError) as e:
        T._infer_schema(5)
    assert e.value.getCondition() == "CANNOT_INFER_SCHEMA_FOR_TYPE"
    with pytest.raises(PySparkTypeError) as e:
        T._infer_schema((object.__new__(type("Q", (), {"__slots__": ()})),))
    assert e.value.getCondition() == "CANNOT_INFER_TYPE_FOR_FIELD"


def test_merging():
    def merged(a, b):
        return T._merge_type(T._parse_datatype_string(a), T._parse_datatype_string(b)).simpleString()

    assert merged("void", "int") == "int" and merged("bigint", "string") == "string"
    assert merged("struct<a:int,b:void>", "struct<b:string,c:date>") == "struct<a:int,b:string,c:date>"
    assert merged("array<void>", "array<int>") == "array<int>" and merged("map<string,void>", "map<string,int>") == "map<string,int>"
    assert merged("timestamp", "timestamp_ntz") == "timestamp"
    with pytest.raises(PySparkTypeError) as e:
        merged("bigint", "double")
    assert e.value.getMessageParameters() == {"data_type1": "LongType", "data_type2": "DoubleType"}
    assert T._has_nulltype(T._parse_datatype_string("array<struct<a:void>>"))


@pytest.mark.parametrize("text, value, condition", [
    ("int", 1, None), ("int", None, None), ("int", 2**31, "VALUE_OUT_OF_BOUNDS"), ("tinyint", -129, "VALUE_OUT_OF_BOUNDS"),
    ("int", "1", "FIELD_DATA_TYPE_UNACCEPTABLE"), ("int", True, "FIELD_DATA_TYPE_UNACCEPTABLE"),
    ("double", 1, "FIELD_DATA_TYPE_UNACCEPTABLE"), ("string", 5, None), ("boolean", True, None),
    ("date", datetime.datetime(2024, 1, 1), None), ("timestamp", datetime.date(2024, 1, 1), "FIELD_DATA_TYPE_UNACCEPTABLE"),
    ("array<int>", [1, None], None), ("array<int>", ["x"], "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
    ("map<string,int>", {None: 1}, "FIELD_NOT_NULLABLE_WITH_NAME"), ("decimal(5,2)", decimal.Decimal("NaN"), None),
    ("a int, b int not null", (1, 2), None), ("a int, b int not null", {"b": 1}, None), ("a int, b int not null", Row(a=1, b=2), None),
    ("a int, b int not null", (1, None), "FIELD_NOT_NULLABLE_WITH_NAME"), ("a int", (1, 2), "FIELD_STRUCT_LENGTH_MISMATCH"),
    ("a int", 5, "FIELD_DATA_TYPE_UNACCEPTABLE"), ("a int", ("x",), "FIELD_DATA_TYPE_UNACCEPTABLE_WITH_NAME"),
])
def test_checks(text, value, condition):
    verify = T._make_type_verifier(T._parse_datatype_string(text))
    if condition is None:
        verify(value)
        return
    with pytest.raises((PySparkTypeError, PySparkValueError)) as e:
        verify(value)
    assert e.value.getCondition() == condition


def test_converter():
    convert = T._create_converter(T._parse_datatype_string("a string, b array<struct<x:int>>, c map<string,string>"))
    assert convert({"a": True, "b": [{"x": 1}], "c": {1: 2}}) == ("true", [(1,)], {"1": "2"})
    assert convert(("x", None, None)) == ("x", None, None) and convert(None) is None


def test_internal_forms():
    schema = T.StructType.fromDDL("a date, b timestamp_ntz, c int")
    row = (datetime.date(1970, 1, 2), datetime.datetime(1970, 1, 1, 0, 0, 1), 3)
    assert schema.toInternal(row) == (1, 1_000_000, 3)
    assert schema.fromInternal(schema.toInternal(row)) == Row(a=row[0], b=row[1], c=3)


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)


class PointType(T.UserDefinedType):
    @classmethod
    def sqlType(cls):
        return T.ArrayType(T.DoubleType(), False)

    @classmethod
    def module(cls):
        return __name__

    def serialize(self, obj):
        return [obj.x, obj.y]

    def deserialize(self, datum):
        return Point(*datum)


Point.__UDT__ = PointType()


def test_user_defined_type():
    assert T._infer_type(Point(1.0, 2.0)) == PointType()
    assert T._parse_datatype_json_string(PointType().json()) == PointType()
    assert PointType().fromInternal(PointType().toInternal(Point(1.0, 2.0))) == Point(1.0, 2.0)
    from pyspark_compat_worker import convert

    array_ = convert.to_array(PointType())([Point(1.0, 2.0), None])
    assert convert.to_values(PointType())(array_) == [Point(1.0, 2.0), None]


def test_types_cross_the_wire():
    from pyspark_compat._proto import types
    from pyspark_compat._type_messages import fill_type, read_type

    texts = [NESTED, "a char(3), b varchar(4), c time(3), d variant, e interval year, f void, g binary, h interval"]
    for text in texts:
        schema = T.StructType.fromDDL(text)
        message = types.DataType()
        fill_type(message, schema)
        assert read_type(message) == schema
