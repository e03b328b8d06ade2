"""Schemas inferred from Python values, and merged over rows."""
import array
import ctypes
import datetime
import decimal
from functools import reduce

from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import PySparkTypeError
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import (
    Geography,
    GeographyType,
    Geometry,
    GeometryType,
    UserDefinedType,
    VariantType,
    VariantVal,
)

_type_mappings = {
    type(None): base.NullType, bool: base.BooleanType, int: base.LongType, float: base.DoubleType,
    str: base.StringType, bytearray: base.BinaryType, bytes: base.BinaryType, decimal.Decimal: base.DecimalType,
    datetime.date: base.DateType, datetime.datetime: base.TimestampType, datetime.time: base.TimeType,
    datetime.timedelta: base.DayTimeIntervalType, Geometry: GeometryType, Geography: GeographyType,
}


def _array_types():
    """Python's array codes: a signed type wide enough for every value of the code."""
    found = {"f": base.FloatType, "d": base.DoubleType, "u": base.StringType}
    sizes = [(8, base.ByteType), (16, base.ShortType), (32, base.IntegerType), (64, base.LongType)]
    codes = {"b": ctypes.c_byte, "h": ctypes.c_short, "i": ctypes.c_int, "l": ctypes.c_long}
    for code, kind in codes.items():
        for needed, name in ((ctypes.sizeof(kind) * 8, code), (ctypes.sizeof(kind) * 8 + 1, code.upper())):
            fitting = [t for bits, t in sizes if bits >= needed]
            if fitting:
                found[name] = fitting[0]
    return found


_array_type_mappings = _array_types()


def _from_numpy_type(nt):
    """The type of a NumPy dtype, or None."""
    import numpy as np

    for name, made in (("bool", base.BooleanType), ("int8", base.ByteType), ("int16", base.ShortType),
                       ("int32", base.IntegerType), ("int64", base.LongType), ("float32", base.FloatType),
                       ("float64", base.DoubleType)):
        if nt == np.dtype(name):
            return made()
    return base.StringType() if nt.type is np.dtype("str").type else None


def _infer_type(obj, infer_dict_as_struct=False, infer_array_from_first_element=False,
                infer_map_from_first_pair=False, prefer_timestamp_ntz=False):
    """The type of one value."""
    options = (infer_dict_as_struct, infer_array_from_first_element, infer_map_from_first_pair, prefer_timestamp_ntz)
    if obj is None:
        return base.NullType()
    if hasattr(obj, "__UDT__"):
        return obj.__UDT__
    found = _type_mappings.get(type(obj))
    if found is base.DecimalType:
        return base.DecimalType(38, 18)
    if found is base.TimestampType and prefer_timestamp_ntz and obj.tzinfo is None:
        return base.TimestampNTZType()
    if found is GeographyType or found is GeometryType:
        return found(obj.getSrid())
    if found is not None:
        return found()
    if isinstance(obj, dict):
        return _infer_dict(obj, options)
    if isinstance(obj, list):
        return _infer_list(obj, options)
    if isinstance(obj, array.array):
        if obj.typecode in _array_type_mappings:
            return ArrayType(_array_type_mappings[obj.typecode](), False)
        raise _unsupported(f"array({obj.typecode})")
    if isinstance(obj, VariantVal):
        return VariantType()
    try:
        return _infer_schema(obj, None, *options)
    except TypeError:
        raise _unsupported(type(obj).__name__) from None


def _unsupported(name):
    return PySparkTypeError(errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": name})


def _infer_list(values, options):
    if not values:
        return ArrayType(base.NullType(), True)
    if options[1]:
        return ArrayType(_infer_type(values[0], *options), True)
    return ArrayType(reduce(_merge_type, (_infer_type(v, *options) for v in values)), True)


def _infer_dict(values, options):
    if options[0]:
        struct = StructType()
        for key, value in values.items():
            if key is not None and value is not None:
                struct.add(key, _infer_type(value, *options), True)
        return struct
    key_type, value_type = base.NullType(), base.NullType()
    for key, value in values.items():
        if options[2]:
            if key is not None and value is not None:
                return MapType(_infer_type(key, *options), _infer_type(value, *options), True)
            continue
        if key is not None:
            key_type = _merge_type(key_type, _infer_type(key, *options))
        if value is not None:
            value_type = _merge_type(value_type, _infer_type(value, *options))
    return MapType(key_type, value_type, True)


def _row_items(row, names):
    if isinstance(row, dict):
        return sorted(row.items())
    if isinstance(row, (tuple, list)):
        if hasattr(row, "__fields__"):
            return zip(row.__fields__, tuple(row))
        if hasattr(row, "_fields"):
            return zip(row._fields, tuple(row))
        if names is None:
            names = []
        names.extend("_%d" % i for i in range(len(names) + 1, len(row) + 1))
        return zip(names, row)
    if hasattr(row, "__dict__"):
        return sorted(row.__dict__.items())
    raise PySparkTypeError(
        errorClass="CANNOT_INFER_SCHEMA_FOR_TYPE", messageParameters={"data_type": type(row).__name__})


def _infer_schema(row, names=None, infer_dict_as_struct=False, infer_array_from_first_element=False,
                  infer_map_from_first_pair=False, prefer_timestamp_ntz=False):
    """The struct of one row: a dict, a Row, a named tuple, a tuple with `names`, or an object."""
    fields = []
    for name, value in _row_items(row, names):
        try:
            fields.append(StructField(name, _infer_type(
                value, infer_dict_as_struct, infer_array_from_first_element, infer_map_from_first_pair,
                prefer_timestamp_ntz), True))
        except TypeError:
            raise PySparkTypeError(
                errorClass="CANNOT_INFER_TYPE_FOR_FIELD", messageParameters={"field_name": name}) from None
    return StructType(fields)


def _children(dt):
    if isinstance(dt, StructType):
        return [f.dataType for f in dt.fields]
    if isinstance(dt, ArrayType):
        return [dt.elementType]
    if isinstance(dt, MapType):
        return [dt.keyType, dt.valueType]
    return []


def _has_nulltype(dt):
    """Whether some part of the type is unknown."""
    return isinstance(dt, base.NullType) or any(map(_has_nulltype, _children(dt)))


def _has_type(dt, dts):
    """Whether the type or some part of it is one of `dts`."""
    if isinstance(dt, dts):
        return True
    if isinstance(dt, UserDefinedType):
        return _has_type(dt.sqlType(), dts)
    return any(_has_type(child, dts) for child in _children(dt))


def _merge_type(a, b, name=None):
    """The type that holds the values of both."""
    if isinstance(a, base.NullType):
        return b
    if isinstance(b, base.NullType):
        return a
    timestamps = (base.TimestampType, base.TimestampNTZType)
    if isinstance(a, timestamps) and isinstance(b, timestamps):
        return base.TimestampType() if type(a) is not type(b) else a
    if isinstance(a, (GeometryType, GeographyType)) and type(a) is type(b) and a.srid != b.srid:
        return type(a)("ANY")
    if isinstance(b, base.StringType) and isinstance(a, base.AtomicType):
        return b
    if isinstance(a, base.StringType) and isinstance(b, base.AtomicType):
        return a
    if type(a) is not type(b):
        raise PySparkTypeError(errorClass="CANNOT_MERGE_TYPE", messageParameters={
            "data_type1": type(a).__name__, "data_type2": type(b).__name__})
    if isinstance(a, StructType):
        others = {f.name: f.dataType for f in b.fields}
        fields = [StructField(f.name, _merge_type(f.dataType, others.pop(f.name, base.NullType()))) for f in a.fields]
        return StructType(fields + [StructField(n, t) for n, t in others.items()])
    if isinstance(a, ArrayType):
        return ArrayType(_merge_type(a.elementType, b.elementType), True)
    if isinstance(a, MapType):
        return MapType(_merge_type(a.keyType, b.keyType), _merge_type(a.valueType, b.valueType), True)
    return a
