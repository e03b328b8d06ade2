"""Python values as Arrow columns of a declared type, with the coercions that PySpark's Arrow path makes.

Arrow converts what it can without loss; what it refuses as a value (not as a type) is converted freely first and then
cast safely: "3" becomes 3 for int, 2**40 fails. Strings take anything by str(); decimals take decimals only.
"""
import array
import datetime
import decimal
from itertools import chain

import pyarrow as pa

from pyspark_compat_worker import local_time
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.arrow_types import arrow_type
from pyspark_compat_worker.errors import PySparkTypeError, PySparkValueError, not_implemented
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructType
from pyspark_compat_worker.types_object import (
    Geography,
    GeographyType,
    Geometry,
    GeometryType,
    UserDefinedType,
    VariantType,
    VariantVal,
)

_NONE = type(None)
_LISTS = (list, tuple, array.array, set, frozenset, range)  # what an array may be made of
_EPOCH = datetime.datetime(1970, 1, 1)
_MICRO = datetime.timedelta(microseconds=1)


def writer(data_type, nullable=True):
    """A function from a list of Python values to an Arrow array of the type."""
    kind = type(data_type)
    write = _WRITERS.get(kind)
    if write is None:
        if isinstance(data_type, UserDefinedType):
            return _udts(data_type, nullable)
        if kind in (base.CalendarIntervalType, base.YearMonthIntervalType):
            raise not_implemented(f"{data_type} from Python values")
        write = _plain
    made = write(data_type)
    if nullable:
        return made

    def checked(values):
        if any(v is None for v in values):
            raise PySparkValueError(f"input for {data_type} must not be None")
        return made(values)

    return checked


def _wrong(data_type, value):
    return PySparkTypeError(errorClass="FIELD_DATA_TYPE_UNACCEPTABLE", messageParameters={
        "data_type": str(data_type), "obj": repr(value), "obj_type": str(type(value))})


def _kinds(values):
    return set(map(type, values))


def _first_other(values, *accepted):
    return next(v for v in values if v is not None and not isinstance(v, accepted))


def _plain(data_type):
    arrow = arrow_type(data_type)

    def write(values):
        try:
            return pa.array(values, type=arrow)
        except pa.ArrowInvalid:
            return pa.array(values).cast(arrow, safe=True)
    return write


def _nulls(data_type):
    def write(values):
        if any(v is not None for v in values):
            raise PySparkValueError(f"input for {data_type} must be None")
        return pa.nulls(len(values))
    return write


def _text(value):
    if value is None or type(value) is str:
        return value
    return str(value).lower() if value is True or value is False else str(value)


def _strings(data_type):
    def write(values):
        if not _kinds(values) <= {str, _NONE}:
            values = list(map(_text, values))
        return pa.array(values, type=pa.string())
    return write


def _bytes(data_type):
    def write(values):
        if not _kinds(values) <= {bytes, _NONE}:
            if any(v is not None and not isinstance(v, (bytes, bytearray)) for v in values):
                raise _wrong(data_type, _first_other(values, bytes, bytearray))
            values = [None if v is None else bytes(v) for v in values]
        return pa.array(values, type=pa.binary())
    return write


def _local_micros(value, offsets):
    """Microseconds since the epoch of a datetime; one without zone is in the machine's zone."""
    if value is None:
        return None
    if value.tzinfo is not None:
        return (value.astimezone(datetime.UTC).replace(tzinfo=None) - _EPOCH) // _MICRO
    block = (value.year, value.month, value.day, value.hour, value.minute // 15, value.fold)
    offset = offsets.get(block)
    if offset is None:
        start = value.replace(minute=value.minute // 15 * 15, second=0, microsecond=0)
        offset = offsets[block] = start.astimezone().utcoffset() // _MICRO
    return (value - _EPOCH) // _MICRO - offset


def _timestamps(data_type):
    arrow = arrow_type(data_type)

    def write(values):
        kinds = _kinds(values)
        if not kinds <= {datetime.datetime, _NONE}:
            if any(v is not None and not isinstance(v, datetime.datetime) for v in values):
                raise _wrong(data_type, _first_other(values, datetime.datetime))
        if local_time.fixed_offset() == 0 and all(v is None or v.tzinfo is None for v in values):
            return pa.array(values, type=pa.timestamp("us")).cast(arrow)
        offsets = {}
        return pa.array([_local_micros(v, offsets) for v in values], type=pa.int64()).cast(arrow)
    return write


def _timestamps_ntz(data_type):
    def write(values):
        for v in values:
            if v is not None and (not isinstance(v, datetime.datetime) or v.tzinfo is not None):
                raise _wrong(data_type, v)
        return pa.array(values, type=pa.timestamp("us"))
    return write


def _decimals(data_type):
    arrow = arrow_type(data_type)
    step = decimal.Decimal(1).scaleb(-data_type.scale)
    context = decimal.Context(prec=data_type.precision, rounding=decimal.ROUND_HALF_EVEN)

    def fit(value):
        return None if value is None or value.is_nan() else value.quantize(step, context=context)

    def write(values):
        if any(v is not None and not isinstance(v, decimal.Decimal) for v in values):
            raise _wrong(data_type, _first_other(values, decimal.Decimal))
        return pa.array(list(map(fit, values)), type=arrow)
    return write


def _lists(data_type):
    element = writer(data_type.elementType, data_type.containsNull)
    arrow = arrow_type(data_type)

    def write(values):
        if not _kinds(values) <= {list, _NONE}:
            values = [_unvectored(v, data_type.elementType) for v in values]
            if any(v is not None and not isinstance(v, _LISTS) for v in values):
                raise _wrong(data_type, _first_other(values, *_LISTS))
            values = [None if v is None else list(v) for v in values]
        flat = element(list(chain.from_iterable(v for v in values if v is not None)))
        return pa.ListArray.from_arrays(_offsets(values), flat, type=arrow, mask=_mask(values))
    return write


def _unvectored(value, element):
    """The list of a vector of numbers that NumPy holds; for integers it is cut as Arrow cuts it. Other values as they are."""
    if type(value).__module__ != "numpy" or getattr(value, "ndim", 0) != 1 or value.dtype.kind not in "biuf":
        return value
    if value.dtype.kind == "f" and isinstance(element, base.IntegralType):
        value = value.astype("int64")
    return value.tolist()


def _offsets(values):
    offsets, at = [0], 0
    for v in values:
        at += 0 if v is None else len(v)
        offsets.append(at)
    return pa.array(offsets, pa.int32())


def _mask(values):
    missing = [v is None for v in values]
    return pa.array(missing, pa.bool_()) if any(missing) else None


def _maps(data_type):
    key = writer(data_type.keyType, False)
    value = writer(data_type.valueType, data_type.valueContainsNull)
    arrow = arrow_type(data_type)

    def write(values):
        if any(v is not None and not isinstance(v, dict) for v in values):
            raise _wrong(data_type, _first_other(values, dict))
        held = [v for v in values if v is not None]
        keys = key(list(chain.from_iterable(held)))
        items = value(list(chain.from_iterable(v.values() for v in held)))
        return pa.MapArray.from_arrays(_offsets(values), keys, items, type=arrow, mask=_mask(values))
    return write


def _columns(rows, struct):
    """The values of rows, field by field; a None row gives Nones."""
    names, count = struct.names, len(struct.names)
    if not count:
        return []
    if all(isinstance(r, tuple) for r in rows):
        for r in rows:
            if len(r) != count:
                raise _length(count, r)
        return list(map(list, zip(*rows))) if rows else [[] for _ in names]
    return list(map(list, zip(*[_parts(r, names, count) for r in rows])))


def _parts(row, names, count):
    if isinstance(row, tuple):
        if len(row) != count:
            raise _length(count, row)
        return row
    if row is None:
        return (None,) * count
    if isinstance(row, VariantVal):
        raise PySparkValueError("Rows cannot be of type VariantVal")
    given = row if isinstance(row, dict) else getattr(row, "__dict__", None)
    if given is not None:
        return [given.get(n) for n in names]
    if isinstance(row, list):
        if len(row) != count:
            raise _length(count, row)
        return row
    raise _wrong("a struct", row)


def _length(expected, row):
    return PySparkValueError(errorClass="AXIS_LENGTH_MISMATCH", messageParameters={
        "expected_length": str(expected), "actual_length": str(len(row))})


def _structs(data_type):
    parts = [writer(f.dataType, f.nullable) for f in data_type.fields]
    fields = list(arrow_type(data_type))

    def write(values):
        missing = _mask(values)
        if any(isinstance(v, list) for v in values):
            raise _wrong(data_type, next(v for v in values if isinstance(v, list)))
        if not parts:
            return pa.array([None if v is None else {} for v in values], pa.struct([]))
        columns = _columns(values, data_type)
        if missing is not None:
            return _sparse_struct(columns, values, missing)
        return pa.StructArray.from_arrays([p(c) for p, c in zip(parts, columns)] if values else
                                          [p([]) for p in parts], fields=fields)

    def _sparse_struct(columns, values, missing):
        loose = [writer(f.dataType) for f in data_type.fields]
        for f, column in zip(data_type.fields, columns):
            if not f.nullable and any(c is None and v is not None for c, v in zip(column, values)):
                raise PySparkValueError(f"input for {f.dataType} must not be None")
        return pa.StructArray.from_arrays([p(c) for p, c in zip(loose, columns)], fields=fields, mask=missing)

    return write


def _objects(kind, condition):
    def make(data_type):
        arrow = arrow_type(data_type)

        def write(values):
            if any(v is not None and not isinstance(v, kind) for v in values):
                raise PySparkValueError(errorClass=condition, messageParameters={})
            return pa.array(list(map(data_type.toInternal, values)), type=arrow)
        return write
    return make


def _udts(data_type, nullable):
    inner = writer(data_type.sqlType(), nullable)
    return lambda values: inner([None if v is None else data_type.serialize(v) for v in values])


_WRITERS = {
    base.NullType: _nulls, base.StringType: _strings, base.CharType: _strings, base.VarcharType: _strings,
    base.BinaryType: _bytes, base.TimestampType: _timestamps, base.TimestampNTZType: _timestamps_ntz,
    base.DecimalType: _decimals, ArrayType: _lists, MapType: _maps, StructType: _structs,
    VariantType: _objects(VariantVal, "MALFORMED_VARIANT"), GeometryType: _objects(Geometry, "MALFORMED_GEOMETRY"),
    GeographyType: _objects(Geography, "MALFORMED_GEOGRAPHY"),
}
