"""Checks and conversions of Python values against a schema, as createDataFrame does them."""
import array
import datetime
import decimal

from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import PySparkTypeError, PySparkValueError
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructType
from pyspark_compat_worker.types_object import (
    Geography,
    GeographyType,
    Geometry,
    GeometryType,
    UserDefinedType,
    VariantType,
)

_acceptable_types = {
    base.BooleanType: (bool,), base.ByteType: (int,), base.ShortType: (int,), base.IntegerType: (int,),
    base.LongType: (int,), base.FloatType: (float,), base.DoubleType: (float,), base.DecimalType: (decimal.Decimal,),
    base.StringType: (str,), base.CharType: (str,), base.VarcharType: (str,), base.BinaryType: (bytearray, bytes),
    base.DateType: (datetime.date, datetime.datetime), base.TimeType: (datetime.time,),
    base.TimestampType: (datetime.datetime,), base.TimestampNTZType: (datetime.datetime,),
    base.DayTimeIntervalType: (datetime.timedelta,), ArrayType: (list, tuple, array.array), MapType: (dict,),
    StructType: (tuple, list, dict), GeometryType: (Geometry,), GeographyType: (Geography,),
    VariantType: (bool, int, float, decimal.Decimal, str, bytearray, bytes, datetime.date, datetime.datetime,
                  datetime.timedelta, tuple, list, dict, array.array),
}
_BOUNDS = {base.ByteType: 7, base.ShortType: 15, base.IntegerType: 31, base.LongType: 63}


def _need_converter(dataType):
    if isinstance(dataType, ArrayType):
        return _need_converter(dataType.elementType)
    if isinstance(dataType, MapType):
        return _need_converter(dataType.keyType) or _need_converter(dataType.valueType)
    return isinstance(dataType, (StructType, base.NullType, base.StringType))


def _to_text(value):
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _create_converter(dataType):
    """A function that turns rows of dicts and objects into tuples and other values into strings where asked."""
    if isinstance(dataType, base.NullType):
        return lambda value: None
    if isinstance(dataType, base.StringType):
        return _to_text
    if not _need_converter(dataType):
        return lambda value: value
    if isinstance(dataType, ArrayType):
        element = _create_converter(dataType.elementType)
        return lambda values: None if values is None else [element(v) for v in values]
    if isinstance(dataType, MapType):
        key, value = _create_converter(dataType.keyType), _create_converter(dataType.valueType)
        return lambda values: None if values is None else {key(k): value(v) for k, v in values.items()}
    names = [f.name for f in dataType.fields]
    parts = [_create_converter(f.dataType) for f in dataType.fields]

    def struct(obj):
        if obj is None:
            return None
        if isinstance(obj, (tuple, list)):
            return tuple(convert(v) for convert, v in zip(parts, obj))
        given = obj if isinstance(obj, dict) else getattr(obj, "__dict__", None)
        if given is None:
            raise PySparkTypeError(
                errorClass="UNSUPPORTED_DATA_TYPE", messageParameters={"data_type": type(obj).__name__})
        return tuple(convert(given.get(name)) for convert, name in zip(parts, names))

    return struct


def _error(kind, condition, name, parameters):
    if name is not None:
        condition, parameters = condition + "_WITH_NAME", {"field_name": str(name), **parameters}
    return kind(errorClass=condition, messageParameters=parameters)


def _make_type_verifier(dataType, nullable=True, name=None):
    """A function that raises when a value does not fit the type."""
    check = _value_check(dataType, name)

    def verify(obj):
        if obj is None or (isinstance(obj, decimal.Decimal) and obj.is_nan()):
            if not nullable:
                raise _error(PySparkValueError, "FIELD_NOT_NULLABLE", name, {})
        elif check is not None:
            check(obj)

    return verify


def _value_check(data_type, name):
    kind = type(data_type)
    if isinstance(data_type, (base.StringType, base.CharType, base.VarcharType, VariantType)):
        return None
    if isinstance(data_type, UserDefinedType):
        return _udt_check(data_type, name)
    accepted = _acceptable_types.get(kind)

    def acceptable(obj):
        assert accepted is not None, "unknown datatype: %s for object %r" % (data_type, obj)
        if type(obj) not in accepted:
            raise _unacceptable(data_type, obj, name)

    if kind in _BOUNDS:
        return _range_check(acceptable, _BOUNDS[kind])
    if isinstance(data_type, StructType):
        return _struct_check(data_type, name)
    if isinstance(data_type, ArrayType):
        element = _make_type_verifier(data_type.elementType, data_type.containsNull, f"element in array {name}")

        def array_check(obj):
            acceptable(obj)
            for value in obj:
                element(value)
        return array_check
    if isinstance(data_type, MapType):
        key = _make_type_verifier(data_type.keyType, False, f"key of map {name}")
        value = _make_type_verifier(data_type.valueType, data_type.valueContainsNull, f"value of map {name}")

        def map_check(obj):
            acceptable(obj)
            for k, v in obj.items():
                key(k)
                value(v)
        return map_check
    return acceptable


def _unacceptable(data_type, obj, name):
    return _error(PySparkTypeError, "FIELD_DATA_TYPE_UNACCEPTABLE", name, {
        "data_type": str(data_type), "obj": repr(obj), "obj_type": str(type(obj))})


def _range_check(acceptable, bits):
    low, high = -(1 << bits), (1 << bits) - 1

    def check(obj):
        acceptable(obj)
        if not low <= obj <= high:
            raise PySparkValueError(errorClass="VALUE_OUT_OF_BOUNDS", messageParameters={
                "arg_name": "obj", "lower_bound": str(low), "upper_bound": str(high), "actual": str(obj)})
    return check


def _udt_check(data_type, name):
    inner = _make_type_verifier(data_type.sqlType(), name=name)

    def check(obj):
        if getattr(obj, "__UDT__", None) != data_type:
            raise _error(PySparkValueError, "FIELD_TYPE_MISMATCH", name, {
                "obj": str(obj), "data_type": str(data_type)})
        inner(data_type.toInternal(obj))
    return check


def _struct_check(data_type, name):
    checks = [(f.name, _make_type_verifier(
        f.dataType, f.nullable, f"field {f.name}" if name is None else f"field {f.name} in {name}"))
        for f in data_type.fields]

    def check(obj):
        if isinstance(obj, (tuple, list)):
            if len(obj) != len(checks):
                raise _error(PySparkValueError, "FIELD_STRUCT_LENGTH_MISMATCH", name, {
                    "object_length": str(len(obj)), "field_length": str(len(checks))})
            for value, (_, verify) in zip(obj, checks):
                verify(value)
            return
        given = obj if isinstance(obj, dict) else getattr(obj, "__dict__", None)
        if given is None:
            raise _unacceptable(data_type, obj, name)
        for field, verify in checks:
            verify(given.get(field))
    return check
