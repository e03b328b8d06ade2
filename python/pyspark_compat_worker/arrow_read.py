"""Arrow columns as Python values, a column at a time."""
import datetime
import decimal

import pyarrow as pa

from pyspark_compat_worker import local_time
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import not_implemented
from pyspark_compat_worker.row import row_class
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

_DAY = datetime.date.fromordinal
_FIRST_DAY = datetime.date(1970, 1, 1).toordinal()
_DAYS = datetime.date.min.toordinal() - _FIRST_DAY, datetime.date.max.toordinal() - _FIRST_DAY
_MICROS = _DAYS[0] * 86_400_000_000, (_DAYS[1] + 1) * 86_400_000_000 - 1
_NAT = -(2**63)  # how NumPy writes a missing time


def reader(data_type):
    """A function from an Arrow column (array or chunked array) of the type to a list of Python values.

    Timestamps become datetimes without zone in the machine's zone, structs Rows, maps dicts.
    """
    read = _reader(data_type)

    def whole(column):
        if isinstance(column, pa.ChunkedArray):
            if column.num_chunks == 1:
                return read(column.chunk(0))
            return [v for chunk in column.chunks for v in read(chunk)]
        return read(column)

    return whole


def read_rows(table, struct):
    """The Rows of a table or record batch."""
    columns = [reader(f.dataType)(table.column(i)) for i, f in enumerate(struct.fields)]
    made = row_class(struct.names)
    if not columns:
        return [made(()) for _ in range(table.num_rows)]
    return list(map(made, zip(*columns)))


def _reader(data_type):
    found = _PLAIN.get(type(data_type))
    if found is not None:
        return found
    for kind, make in _MADE:
        if isinstance(data_type, kind):
            return make(data_type)
    if isinstance(data_type, base.YearMonthIntervalType):
        raise not_implemented("YearMonthIntervalType.fromInternal")
    raise not_implemented(f"{data_type} as Python values")


def _values(column):
    return column.to_pylist()


def _nothing(column):
    return [None] * len(column)


def _date(days):
    return _DAY(days + _FIRST_DAY)


def _instant(micros):
    return datetime.datetime.fromtimestamp(micros // 1_000_000)


def _listed(array, limits, convert):
    """The values of a NumPy array of times; `convert` raises Python's own error for one beyond what Python has."""
    units = array.view("int64")
    beyond = ((units < limits[0]) | (units > limits[1])) & (units != _NAT)
    if beyond.any():
        for unit in units[beyond].tolist():
            convert(unit)
    return array.tolist()


def _dates(column):
    np = local_time.numpy_for(len(column))
    if np is not None:
        return _listed(column.to_numpy(zero_copy_only=False).astype("datetime64[D]"), _DAYS, _date)
    return [None if v is None else _date(v) for v in column.cast(pa.int32()).to_pylist()]


def _micros(column):
    if column.type.unit != "us":
        column = column.cast(pa.timestamp("us", column.type.tz))
    return column.cast(pa.int64())


def _timestamps(column):
    column = _micros(column)
    np = local_time.numpy_for(len(column))
    if np is None:
        return _datetimes(local_time.shifted(column.to_pylist()))
    if column.null_count == 0:
        return _listed(local_time.shifted_array(np, column.to_numpy()).view("datetime64[us]"), _MICROS, _instant)
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    local = local_time.shifted_array(np, column.fill_null(0).to_numpy()).view("datetime64[us]")
    return _listed(np.where(valid, local, np.datetime64("NaT", "us")), _MICROS, _instant)


def _timestamps_ntz(column):
    np = local_time.numpy_for(len(column))
    if np is not None:
        return _listed(column.to_numpy(zero_copy_only=False).astype("datetime64[us]"), _MICROS, _instant)
    return _datetimes(_micros(column).to_pylist())


def _datetimes(micros):
    try:
        return local_time.datetimes(micros)
    except OverflowError:
        for v in micros:
            if v is not None and not _MICROS[0] <= v <= _MICROS[1]:
                _instant(v)
        raise


def _durations(column):
    np = local_time.numpy_for(len(column))
    if np is not None:
        return column.to_numpy(zero_copy_only=False).astype("timedelta64[us]").tolist()
    step = datetime.timedelta
    return [None if v is None else step(0, 0, v) for v in column.cast(pa.duration("us")).cast(pa.int64()).to_pylist()]


def _decimals(column):
    made = decimal.Decimal
    text = column.cast(pa.string()).to_pylist()
    return list(map(made, text)) if column.null_count == 0 else [None if v is None else made(v) for v in text]


def _times(column):
    return [None if v is None else base.TimeType().fromInternal(v)
            for v in column.cast(pa.time64("ns")).cast(pa.int64()).to_pylist()]


def _bounds(column):
    """The offsets of a list or map array as Python ints, and the validity where there are nulls."""
    valid = None if column.null_count == 0 else column.is_valid().to_pylist()
    return column.offsets.to_pylist(), valid


def _cut(values, offsets, valid):
    start = offsets[0]
    cuts = map(slice, [o - start for o in offsets[:-1]], [o - start for o in offsets[1:]])
    if valid is None:
        return list(map(values.__getitem__, cuts))
    return [values[cut] if ok else None for cut, ok in zip(cuts, valid)]


def _lists(data_type):
    element = _reader(data_type.elementType)

    def read(column):
        if not len(column):
            return []
        if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
            column = column.cast(pa.list_(column.type.value_type))
        offsets, valid = _bounds(column)
        return _cut(element(column.values.slice(offsets[0], offsets[-1] - offsets[0])), offsets, valid)
    return read


def _maps(data_type):
    key, value = _reader(data_type.keyType), _reader(data_type.valueType)

    def read(column):
        if not len(column):
            return []
        offsets, valid = _bounds(column)
        start, size = offsets[0], offsets[-1] - offsets[0]
        pairs = list(zip(key(column.keys.slice(start, size)), value(column.items.slice(start, size))))
        return [None if cut is None else dict(cut) for cut in _cut(pairs, offsets, valid)]
    return read


def _structs(data_type):
    parts = [_reader(f.dataType) for f in data_type.fields]
    made = row_class(data_type.names)

    def read(column):
        if not parts:
            return [made(()) if ok else None for ok in column.is_valid().to_pylist()]
        columns = [part(column.field(i)) for i, part in enumerate(parts)]
        rows = list(map(made, zip(*columns)))
        if column.null_count:
            rows = [row if ok else None for row, ok in zip(rows, column.is_valid().to_pylist())]
        return rows
    return read


def _pairs(made):
    def read(column):
        first, second = column.field(0).to_pylist(), column.field(1).to_pylist()
        return [made(a, b) if ok else None for a, b, ok in zip(first, second, column.is_valid().to_pylist())]
    return read


def _udts(data_type):
    inner = _reader(data_type.sqlType())
    return lambda column: [None if v is None else data_type.deserialize(v) for v in inner(column)]


_PLAIN = {
    base.NullType: _nothing, base.BooleanType: _values, base.ByteType: _values, base.ShortType: _values,
    base.IntegerType: _values, base.LongType: _values, base.FloatType: _values, base.DoubleType: _values,
    base.StringType: _values, base.CharType: _values, base.VarcharType: _values, base.BinaryType: _values,
    base.DateType: _dates, base.TimestampType: _timestamps, base.TimestampNTZType: _timestamps_ntz,
    base.DayTimeIntervalType: _durations, base.DecimalType: _decimals, base.TimeType: _times,
    VariantType: _pairs(VariantVal), GeometryType: _pairs(lambda srid, wkb: Geometry(wkb, srid)),
    GeographyType: _pairs(lambda srid, wkb: Geography(wkb, srid)),
}
_MADE = [(ArrayType, _lists), (MapType, _maps), (StructType, _structs), (UserDefinedType, _udts)]
