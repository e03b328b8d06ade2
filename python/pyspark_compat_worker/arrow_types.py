"""Spark types as Arrow types and back: one Arrow form for each type, the engine's own."""
import pyarrow as pa

from pyspark_compat_worker import arrow_alone
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import PySparkTypeError
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import GeographyType, GeometryType, UserDefinedType, VariantType

arrow_alone.leave_pandas()  # here, because whatever makes arrays of Python values takes their types from here

_UTC = pa.timestamp("us", tz="UTC")
_NTZ = pa.timestamp("us")
_PLAIN = {
    base.NullType: pa.null(), base.BooleanType: pa.bool_(), base.ByteType: pa.int8(), base.ShortType: pa.int16(),
    base.IntegerType: pa.int32(), base.LongType: pa.int64(), base.FloatType: pa.float32(),
    base.DoubleType: pa.float64(), base.StringType: pa.string(), base.CharType: pa.string(),
    base.VarcharType: pa.string(), base.BinaryType: pa.binary(), base.DateType: pa.date32(),
    base.TimestampType: _UTC, base.TimestampNTZType: _NTZ, base.DayTimeIntervalType: pa.duration("us"),
    base.TimeType: pa.time64("ns"), base.CalendarIntervalType: pa.month_day_nano_interval(),
}
_VARIANT = pa.struct([pa.field("value", pa.binary(), nullable=False),
                      pa.field("metadata", pa.binary(), nullable=False, metadata={b"variant": b"true"})])
_SPATIAL = {kind: pa.struct([pa.field("srid", pa.int32(), nullable=False),
                             pa.field("wkb", pa.binary(), nullable=False, metadata={name: b"true"})])
            for kind, name in ((GeometryType, b"geometry"), (GeographyType, b"geography"))}


def arrow_type(data_type):
    """The Arrow form of a Spark type."""
    kind = type(data_type)
    found = _PLAIN.get(kind)
    if found is not None:
        return found
    if kind is base.DecimalType:
        return pa.decimal128(data_type.precision, data_type.scale)
    if kind is ArrayType:
        return pa.list_(pa.field("element", arrow_type(data_type.elementType), data_type.containsNull))
    if kind is MapType:
        return pa.map_(pa.field("key", arrow_type(data_type.keyType), False),
                       pa.field("value", arrow_type(data_type.valueType), data_type.valueContainsNull))
    if kind is StructType:
        return pa.struct(_fields(data_type))
    if kind is VariantType:
        return _VARIANT
    if kind in _SPATIAL:
        return _SPATIAL[kind]
    if isinstance(data_type, UserDefinedType):
        return arrow_type(data_type.sqlType())
    raise PySparkTypeError(errorClass="UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION", messageParameters={
        "data_type": str(data_type)})


def _fields(struct):
    return [pa.field(f.name, arrow_type(f.dataType), True) for f in struct.fields]


def arrow_schema(struct):
    """The Arrow schema of a frame; every field is nullable to Arrow."""
    return pa.schema(_fields(struct))


_BACK = [
    (pa.types.is_boolean, base.BooleanType), (pa.types.is_int8, base.ByteType), (pa.types.is_int16, base.ShortType),
    (pa.types.is_int32, base.IntegerType), (pa.types.is_int64, base.LongType), (pa.types.is_float32, base.FloatType),
    (pa.types.is_float64, base.DoubleType), (pa.types.is_string, base.StringType),
    (pa.types.is_large_string, base.StringType), (pa.types.is_string_view, base.StringType),
    (pa.types.is_binary, base.BinaryType), (pa.types.is_large_binary, base.BinaryType),
    (pa.types.is_fixed_size_binary, base.BinaryType), (pa.types.is_binary_view, base.BinaryType),
    (pa.types.is_date32, base.DateType), (pa.types.is_date64, base.DateType), (pa.types.is_time, base.TimeType),
    (pa.types.is_duration, base.DayTimeIntervalType), (pa.types.is_null, base.NullType),
]


def spark_type(arrow, prefer_timestamp_ntz=False):
    """The Spark type of an Arrow type, as createDataFrame and mapInArrow read it."""
    for is_kind, made in _BACK:
        if is_kind(arrow):
            return made()
    if pa.types.is_timestamp(arrow):
        return base.TimestampNTZType() if prefer_timestamp_ntz and arrow.tz is None else base.TimestampType()
    if pa.types.is_decimal(arrow):
        return base.DecimalType(arrow.precision, arrow.scale)
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow) or pa.types.is_fixed_size_list(arrow):
        return ArrayType(spark_type(arrow.value_type, prefer_timestamp_ntz), True)
    if pa.types.is_map(arrow):
        return MapType(spark_type(arrow.key_type, prefer_timestamp_ntz),
                       spark_type(arrow.item_type, prefer_timestamp_ntz), True)
    if pa.types.is_struct(arrow):
        return _spark_struct(arrow, prefer_timestamp_ntz)
    if pa.types.is_dictionary(arrow):
        return spark_type(arrow.value_type, prefer_timestamp_ntz)
    raise PySparkTypeError(errorClass="UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION", messageParameters={
        "data_type": str(arrow)})


def _spark_struct(arrow, prefer_timestamp_ntz):
    fields = [arrow.field(i) for i in range(arrow.num_fields)]
    if any((f.metadata or {}).get(b"variant") == b"true" for f in fields):
        return VariantType()
    return StructType([StructField(f.name, spark_type(f.type, prefer_timestamp_ntz), f.nullable) for f in fields])


def spark_schema(schema, prefer_timestamp_ntz=False):
    """The Spark schema of an Arrow schema."""
    return StructType([StructField(f.name, spark_type(f.type, prefer_timestamp_ntz), f.nullable) for f in schema])


def spark_name(arrow):
    """The Spark type's name of an Arrow type; Arrow types of one name differ in form only."""
    return spark_type(arrow, True).simpleString() if not pa.types.is_timestamp(arrow) else (
        "timestamp" if arrow.tz else "timestamp_ntz")
