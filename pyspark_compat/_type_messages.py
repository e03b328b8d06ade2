"""Data types and literal values to and from Spark Connect messages."""
import json

from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import not_implemented
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import GeographyType, GeometryType, UserDefinedType, VariantType

_PLAIN = [
    ("null", base.NullType), ("binary", base.BinaryType), ("boolean", base.BooleanType), ("byte", base.ByteType),
    ("short", base.ShortType), ("integer", base.IntegerType), ("long", base.LongType), ("float", base.FloatType),
    ("double", base.DoubleType), ("date", base.DateType), ("timestamp", base.TimestampType),
    ("timestamp_ntz", base.TimestampNTZType), ("calendar_interval", base.CalendarIntervalType),
    ("variant", VariantType),
]
_FIELD_OF = {kind: field for field, kind in _PLAIN}
_TYPE_OF = dict(_PLAIN)


def fill_type(m, data_type):
    """Writes a type into an empty DataType message."""
    field = _FIELD_OF.get(type(data_type))
    if field is not None:
        getattr(m, field).SetInParent()
        return
    for kind, fill in _FILL:
        if isinstance(data_type, kind):
            return fill(m, data_type)
    raise not_implemented(f"the type {data_type} in a plan")


def _fill_string(m, t):
    m.string.collation = t.collation


def _fill_decimal(m, t):
    m.decimal.precision, m.decimal.scale = t.precision, t.scale


def _fill_char(m, t):
    m.char.length = t.length


def _fill_varchar(m, t):
    m.var_char.length = t.length


def _fill_time(m, t):
    m.time.precision = t.precision


def _fill_day_time(m, t):
    m.day_time_interval.start_field, m.day_time_interval.end_field = t.startField, t.endField


def _fill_year_month(m, t):
    m.year_month_interval.start_field, m.year_month_interval.end_field = t.startField, t.endField


def _fill_array(m, t):
    m.array.contains_null = t.containsNull
    fill_type(m.array.element_type, t.elementType)


def _fill_map(m, t):
    m.map.value_contains_null = t.valueContainsNull
    fill_type(m.map.key_type, t.keyType)
    fill_type(m.map.value_type, t.valueType)


def _fill_struct(m, t):
    m.struct.SetInParent()
    for field in t.fields:
        f = m.struct.fields.add()
        f.name, f.nullable = field.name, field.nullable
        if field.metadata:
            f.metadata = json.dumps(field.metadata)
        fill_type(f.data_type, field.dataType)


def _fill_udt(m, t):
    value = t.jsonValue()
    m.udt.type = "udt"
    m.udt.python_class = value["pyClass"]
    if "class" in value:
        m.udt.jvm_class = value["class"]
    else:
        m.udt.serialized_python_class = value["serializedClass"]
    fill_type(m.udt.sql_type, t.sqlType())


def _fill_geometry(m, t):
    m.geometry.srid = t.srid


def _fill_geography(m, t):
    m.geography.srid = t.srid


_FILL = [
    (base.StringType, _fill_string), (base.DecimalType, _fill_decimal), (StructType, _fill_struct),
    (ArrayType, _fill_array), (MapType, _fill_map), (base.CharType, _fill_char), (base.VarcharType, _fill_varchar),
    (base.TimeType, _fill_time), (base.DayTimeIntervalType, _fill_day_time),
    (base.YearMonthIntervalType, _fill_year_month), (UserDefinedType, _fill_udt), (GeometryType, _fill_geometry),
    (GeographyType, _fill_geography),
]


def read_type(m):
    """The type that a DataType message says."""
    kind = m.WhichOneof("kind")
    if kind in _TYPE_OF:
        return _TYPE_OF[kind]()
    read = _READ.get(kind)
    if read is None:
        raise not_implemented(f"the type {kind} in a schema")
    return read(getattr(m, kind))


def _read_string(m):
    return base.StringType(m.collation) if m.collation else base.StringType()


def _read_struct(m):
    return StructType([StructField(f.name, read_type(f.data_type), f.nullable,
                                   json.loads(f.metadata) if f.metadata else None) for f in m.fields])


def _read_interval(kind):
    def read(m):
        first = m.start_field if m.HasField("start_field") else None
        return kind(first, m.end_field if m.HasField("end_field") else None)
    return read


def _read_udt(m):
    return UserDefinedType.fromJson({"pyClass": m.python_class})


def _srid(kind):
    return lambda m: kind("ANY" if m.srid == kind.MIXED_SRID else m.srid)


def _read_unparsed(m):
    from pyspark_compat_worker.types_ddl import parse_ddl

    return parse_ddl(m.data_type_string)


_READ = {
    "string": _read_string, "struct": _read_struct, "udt": _read_udt, "unparsed": _read_unparsed,
    "decimal": lambda m: base.DecimalType(m.precision if m.HasField("precision") else 10, m.scale),
    "char": lambda m: base.CharType(m.length), "var_char": lambda m: base.VarcharType(m.length),
    "time": lambda m: base.TimeType(m.precision if m.HasField("precision") else 6),
    "array": lambda m: ArrayType(read_type(m.element_type), m.contains_null),
    "map": lambda m: MapType(read_type(m.key_type), read_type(m.value_type), m.value_contains_null),
    "day_time_interval": _read_interval(base.DayTimeIntervalType),
    "year_month_interval": _read_interval(base.YearMonthIntervalType),
    "geometry": _srid(GeometryType), "geography": _srid(GeographyType),
}


# -- literals ------------------------------------------------------------------------------------------------

_SAME = {base.BooleanType: "boolean", base.ByteType: "byte", base.ShortType: "short", base.IntegerType: "integer",
         base.LongType: "long", base.FloatType: "float", base.DoubleType: "double", base.StringType: "string"}
_INTERNAL = {base.DateType: "date", base.TimestampType: "timestamp", base.TimestampNTZType: "timestamp_ntz",
             base.DayTimeIntervalType: "day_time_interval"}


def fill_literal(m, value, data_type):
    """Writes a value of a type into an empty Literal message."""
    kind = type(data_type)
    if value is None:
        fill_type(m.null, data_type)
    elif kind in _SAME:
        setattr(m, _SAME[kind], value)
    elif kind in _INTERNAL:
        setattr(m, _INTERNAL[kind], data_type.toInternal(value))
    elif kind is base.BinaryType:
        m.binary = bytes(value)
    elif kind is base.DecimalType:
        m.decimal.value = str(value) if isinstance(value, int) else format(value, "f")
        m.decimal.precision, m.decimal.scale = data_type.precision, data_type.scale
    elif kind is base.TimeType:
        m.time.nano = data_type.toInternal(value)
        m.time.precision = data_type.precision
    elif kind is ArrayType:
        fill_type(m.array.element_type, data_type.elementType)
        for v in value:
            fill_literal(m.array.elements.add(), v, data_type.elementType)
    else:
        raise not_implemented(f"a literal of type {data_type}")
