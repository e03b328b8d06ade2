"""Python rows as Arrow columns: PySpark's checks and conversions, a column at a time where the rows are plain tuples.

createDataFrame uses it in the driver for local rows, and in workers for the elements of an RDD.
"""
import decimal
from operator import itemgetter

from . import types_base as base
from .row import Row
from .types_nested import ArrayType, MapType, StructField, StructType
from .types_verify import _BOUNDS, _acceptable_types, _create_converter, _make_type_verifier, _need_converter

_NONE = type(None)


def by_position(rows):
    """The columns of rows that are sequences of one length, else None."""
    kinds = set(map(type, rows))
    if not kinds or not all(issubclass(kind, (tuple, list)) for kind in kinds):
        return None
    widths = set(map(len, rows))
    if len(widths) != 1:
        return None
    if kinds <= {tuple, list}:
        return [list(map(itemgetter(i), rows)) for i in range(widths.pop())]
    return list(map(list, zip(*rows)))


# -- checks --------------------------------------------------------------------------------------------------

def verify(rows, plain, struct):
    """Raises PySpark's error for the first row that does not fit."""
    if plain is not None and len(plain) == len(struct.fields) and all(map(_fits, struct.fields, plain)):
        return
    check = _make_type_verifier(struct)
    for row in rows:
        check(row)


def _fits(field, column):
    """Whether a whole column fits at sight."""
    kind = type(field.dataType)
    seen = set(map(type, column))
    if not field.nullable and _NONE in seen:
        return False
    seen.discard(_NONE)
    if kind is base.StringType:
        return True
    if kind not in _acceptable_types or kind in (ArrayType, MapType, StructType, base.DecimalType):
        return False
    if not seen <= set(_acceptable_types[kind]):
        return False
    if kind in _BOUNDS and seen:
        given = [v for v in column if v is not None] if None in column else column
        bound = 1 << _BOUNDS[kind]
        return -bound <= min(given) and max(given) < bound
    return True


# -- columns -------------------------------------------------------------------------------------------------

def columns_of(rows, plain, struct):
    """The values of each field, with what is inside as tuples, lists and dicts."""
    width = len(struct.fields)
    if plain is None or len(plain) != width:
        if not rows:
            plain = [[] for _ in range(width)]
        elif set(map(type, rows)) == {dict}:
            plain = [[row.get(f.name) for row in rows] for f in struct.fields]
        else:
            plain = _converted(rows, struct, width)
    return [_normal(column, f.dataType) for column, f in zip(plain, struct.fields)]


def _converted(rows, struct, width):
    """The columns of rows of any kind, by way of tuples."""
    rows = list(map(_create_converter(_bare(struct)), rows))
    for row in rows:
        if row is not None and len(row) != width:
            raise _length(width, len(row))
    return list(zip(*[(None,) * width if row is None else row for row in rows]))


def _bare(struct):
    """The struct with its fields' values left as they are; only rows become tuples."""
    return StructType([StructField(f.name, f.dataType if _need_converter(f.dataType) else base.LongType())
                       for f in struct.fields])


def _length(expected, actual):
    from .captured import IllegalArgumentException

    return IllegalArgumentException._of(
        "STRUCT_ARRAY_LENGTH_MISMATCH", {"expected": str(expected), "actual": str(actual)},
        f"A row has {actual} values, the schema {expected} fields.", "2201E")


def _normal(column, data_type):
    if _need_converter(data_type) and not isinstance(data_type, base.StringType):
        column = list(map(_create_converter(data_type), column))
    if _has_array(data_type):
        column = [_listed(v, data_type) for v in column]
    if isinstance(data_type, MapType):
        column = list(map(_hashed, column))
    if isinstance(data_type, base.DecimalType):
        column = [_fit_decimal(v, data_type) for v in column]
    elif isinstance(data_type, base.DateType):
        column = [v.date() if hasattr(v, "hour") else v for v in column]
    return column


def _has_array(data_type):
    if isinstance(data_type, MapType):
        return _has_array(data_type.keyType) or _has_array(data_type.valueType)
    if isinstance(data_type, StructType):
        return any(_has_array(f.dataType) for f in data_type.fields)
    return isinstance(data_type, ArrayType)


def _listed(value, data_type):
    """The value with every tuple or array that stands for an array as a list."""
    if value is None or not _has_array(data_type):
        return value
    if isinstance(data_type, ArrayType):
        return [_listed(v, data_type.elementType) for v in value]
    if isinstance(data_type, MapType):
        return {_listed(k, data_type.keyType): _listed(v, data_type.valueType) for k, v in value.items()}
    if isinstance(value, dict):
        return {f.name: _listed(value.get(f.name), f.dataType) for f in data_type.fields}
    return tuple(_listed(v, f.dataType) for v, f in zip(value, data_type.fields))


def _hashed(value):
    """A dict in the order that Spark gets it in: that of a Java hash map with its keys."""
    if not isinstance(value, dict) or len(value) < 2:
        return value
    slots = 16
    while slots * 3 < len(value) * 4:
        slots *= 2
    return dict(sorted(value.items(), key=lambda pair: _java_hash(pair[0]) & (slots - 1)))


def _java_hash(key):
    """Java's hash of a key, spread as its hash map does; keys of other types keep their order."""
    if isinstance(key, bool):
        hashed = 1231 if key else 1237
    elif isinstance(key, int):
        hashed = key & 0xFFFFFFFF if -(1 << 31) <= key < 1 << 31 else ((key >> 32) ^ key) & 0xFFFFFFFF
    elif isinstance(key, str):
        hashed = 0
        units = key.encode("utf-16-le")
        for i in range(0, len(units), 2):
            hashed = (31 * hashed + units[i] + (units[i + 1] << 8)) & 0xFFFFFFFF
    else:
        return 0
    return hashed ^ (hashed >> 16)


def _fit_decimal(value, data_type):
    """A decimal rounded half up to the type's scale. Raises where it is too large."""
    if not isinstance(value, decimal.Decimal) or not value.is_finite():
        return value if not isinstance(value, decimal.Decimal) else None
    context = decimal.Context(prec=76, rounding=decimal.ROUND_HALF_UP)
    fitted = value.quantize(decimal.Decimal(1).scaleb(-data_type.scale), context=context)
    if len(fitted.as_tuple().digits) - data_type.scale > data_type.precision - data_type.scale and fitted:
        from .captured import ArithmeticException

        raise ArithmeticException._of("NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION", {
            "roundedValue": str(fitted), "originalValue": str(value), "precision": str(data_type.precision),
            "scale": str(data_type.scale)},
            f"{value}, rounded {fitted}, does not fit Decimal({data_type.precision}, {data_type.scale}).", "22003")
    return fitted


def table_of(columns, struct, count):
    """The columns as Arrow; values that do not fit their type and were not checked become null, as in Spark."""
    import pyarrow as pa

    from .arrow_types import arrow_schema
    from .arrow_write import writer

    if not columns:
        return pa.record_batch(pa.array([{}] * count, pa.struct([])))
    arrays = []
    for column, field in zip(columns, struct.fields):
        write = writer(field.dataType)
        try:
            arrays.append(write(_checked(column, field.dataType)))
        except (TypeError, ValueError, pa.ArrowException):
            arrays.append(write([_or_null(v, field.dataType) for v in column]))
    return pa.record_batch(arrays, schema=arrow_schema(struct))


def _checked(column, data_type):
    """The column where every value is of a Python type that the type takes."""
    accepted = _acceptable_types.get(type(data_type))
    if accepted is not None and not isinstance(data_type, (base.StringType, StructType)):
        if not set(map(type, column)) <= {_NONE, *accepted, Row} and not all(
                v is None or isinstance(v, accepted) for v in column):
            raise TypeError("a value of another type")
    return column


def _or_null(value, data_type):
    """The value if it is of a Python type that the type takes; whole numbers are cut to the type's width."""
    accepted = _acceptable_types.get(type(data_type))
    if accepted is None or isinstance(data_type, (base.StringType, StructType)):
        return value
    if type(value) not in accepted:
        return None
    if type(data_type) in _BOUNDS:
        bits = _BOUNDS[type(data_type)] + 1
        value &= (1 << bits) - 1
        return value - (1 << bits) if value >> (bits - 1) else value
    return value
