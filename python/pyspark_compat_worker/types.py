"""All data types, Row, inference and checks under PySpark's names: what `pyspark.sql.types` offers."""
from pyspark_compat_worker.row import Row, _create_row
from pyspark_compat_worker.types_base import (
    AnsiIntervalType,
    AnyTimeType,
    AtomicType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
    DataType,
    DataTypeSingleton,
    DatetimeType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegerType,
    IntegralType,
    LongType,
    NullType,
    NumericType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VarcharType,
    YearMonthIntervalType,
)
from pyspark_compat_worker.types_nested import _COLLATIONS_METADATA_KEY, ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import (
    Geography,
    GeographyType,
    Geometry,
    GeometryType,
    SpatialType,
    UserDefinedType,
    VariantType,
    VariantVal,
)

__all__ = [
    "ArrayType",
    "BinaryType",
    "BooleanType",
    "ByteType",
    "CalendarIntervalType",
    "CharType",
    "DataType",
    "DateType",
    "DayTimeIntervalType",
    "DecimalType",
    "DoubleType",
    "FloatType",
    "Geography",
    "GeographyType",
    "Geometry",
    "GeometryType",
    "IntegerType",
    "LongType",
    "MapType",
    "NullType",
    "Row",
    "ShortType",
    "StringType",
    "StructField",
    "StructType",
    "TimeType",
    "TimestampNTZType",
    "TimestampType",
    "VarcharType",
    "VariantType",
    "VariantVal",
    "YearMonthIntervalType",
]


# what createDataFrame and readers of DDL and JSON need, loaded with the first use
_LATE = {
    "_parse_datatype_string": ("types_ddl", "parse_ddl"), "_parse_datatype_json_string": ("types_json", "from_json"),
    "_parse_datatype_json_value": ("types_json", "from_json_value"),
    **{name: ("types_json", name) for name in ("_all_complex_types", "_all_mappable_types")},
    **{name: ("types_infer", name) for name in (
        "_array_type_mappings", "_from_numpy_type", "_has_nulltype", "_has_type", "_infer_schema", "_infer_type",
        "_merge_type", "_type_mappings")},
    **{name: ("types_verify", name) for name in (
        "_acceptable_types", "_create_converter", "_make_type_verifier", "_need_converter")},
}


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    module, attribute = _LATE[name]
    found = globals()[name] = getattr(importlib.import_module(f"pyspark_compat_worker.{module}"), attribute)
    return found


def _drop_metadata(d):
    if isinstance(d, StructField):
        return StructField(d.name, _drop_metadata(d.dataType), d.nullable, None)
    if isinstance(d, StructType):
        return StructType([_drop_metadata(f) for f in d.fields])
    if isinstance(d, ArrayType):
        return ArrayType(_drop_metadata(d.elementType), d.containsNull)
    if isinstance(d, MapType):
        return MapType(_drop_metadata(d.keyType), _drop_metadata(d.valueType), d.valueContainsNull)
    return d
