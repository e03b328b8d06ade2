"""Data types from Spark's JSON form."""
import json
import re

from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import PySparkTypeError, PySparkValueError
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructType
from pyspark_compat_worker.types_object import GeographyType, GeometryType, UserDefinedType, VariantType

_all_mappable_types = {
    "string": base.StringType, "binary": base.BinaryType, "boolean": base.BooleanType, "decimal": base.DecimalType,
    "float": base.FloatType, "double": base.DoubleType, "byte": base.ByteType, "short": base.ShortType,
    "integer": base.IntegerType, "long": base.LongType, "date": base.DateType, "timestamp": base.TimestampType,
    "timestamp_ntz": base.TimestampNTZType, "void": base.NullType, "variant": VariantType,
    "interval": base.CalendarIntervalType,
}
_all_complex_types = {"array": ArrayType, "map": MapType, "struct": StructType}


def _interval(kind):
    def make(first, last):
        fields = kind._inverted_fields
        return kind(fields[first], fields[last] if last else None)
    return make


def _geography(crs, alg):
    return GeographyType._from_crs(crs or GeographyType.DEFAULT_CRS, alg or GeographyType.DEFAULT_ALG)


_PATTERNS = [
    (re.compile(r"decimal\(\s*(\d+)\s*,\s*(-?\d+)\s*\)"), lambda p, s: base.DecimalType(int(p), int(s))),
    (re.compile(r"time\(\s*(\d+)\s*\)"), lambda p: base.TimeType(int(p))),
    (re.compile(r"interval (day|hour|minute|second)(?: to (day|hour|minute|second))?"),
     _interval(base.DayTimeIntervalType)),
    (re.compile(r"interval (year|month)(?: to (year|month))?"), _interval(base.YearMonthIntervalType)),
    (re.compile(r"string\s+collate\s+(\w+)"), base.StringType),
    (re.compile(r"char\(\s*(\d+)\s*\)"), lambda n: base.CharType(int(n))),
    (re.compile(r"varchar\(\s*(\d+)\s*\)"), lambda n: base.VarcharType(int(n))),
    (re.compile(r"geometry(?:\(\s*(\w+:-?\w+)\s*\))?$"),
     lambda crs: GeometryType._from_crs(crs or GeometryType.DEFAULT_CRS)),
    (re.compile(r"geography(?:\(\s*(\w+:-?\w+)?\s*,?\s*(\w+)?\s*\))?$"), _geography),
]


def from_json_value(value, path="", collations=None):
    """The type that a parsed JSON value describes; `collations` says the collation of the strings under a field."""
    if isinstance(value, dict):
        kind = value["type"]
        if kind == "udt":
            return UserDefinedType.fromJson(value)
        if kind not in _all_complex_types:
            raise PySparkValueError(
                errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": str(kind)})
        _check_collation(path, kind, collations)
        if kind == "struct":
            return StructType.fromJson(value)
        return _all_complex_types[kind].fromJson(value, path, collations)
    if value in _all_mappable_types:
        if collations and path in collations:
            _check_collation(path, value, collations)
            return base.StringType(collations[path])
        return _all_mappable_types[value]()
    for pattern, make in _PATTERNS:
        match = pattern.match(value)
        if match:
            return make(*match.groups())
    raise PySparkValueError(errorClass="CANNOT_PARSE_DATATYPE", messageParameters={"msg": str(value)})


def _check_collation(path, kind, collations):
    if collations and path in collations and kind != "string":
        raise PySparkTypeError(
            errorClass="INVALID_JSON_DATA_TYPE_FOR_COLLATIONS", messageParameters={"jsonType": kind})


def from_json(text):
    return from_json_value(json.loads(text))
