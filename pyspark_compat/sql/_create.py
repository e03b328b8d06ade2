"""Local data as a relation: rows of any kind, pandas, NumPy and Arrow, with PySpark's inference and checks.

Rows become columns first; types are inferred and checked a column at a time where the rows are plain tuples, and row by
row where PySpark's answer hangs on the row.
"""
import decimal
from functools import reduce
from operator import itemgetter

from pyspark_compat import _plan
from pyspark_compat.errors import PySparkTypeError, PySparkValueError
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import not_implemented, wrong_type
from pyspark_compat_worker.row import Row
from pyspark_compat_worker.types_base import DataType
from pyspark_compat_worker.types_infer import _has_nulltype, _infer_schema, _infer_type, _merge_type, _type_mappings
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType
from pyspark_compat_worker.types_object import VariantVal
from pyspark_compat_worker.types_verify import (
    _BOUNDS, _acceptable_types, _create_converter, _make_type_verifier, _need_converter)

_NONE = type(None)
_SETTINGS = ["spark.sql.timestampType", "spark.sql.pyspark.inferNestedDictAsStruct.enabled",
             "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled",
             "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled"]


def relation_of(session, data, schema, verify):
    """The relation of local data; `schema` is DDL, a type, names or None."""
    from pyspark_compat.sql.dataframe import DataFrame

    if isinstance(data, DataFrame):
        raise PySparkTypeError(errorClass="INVALID_TYPE", messageParameters={
            "arg_name": "data", "arg_type": "DataFrame"})
    if isinstance(schema, str):
        schema = session._parse_ddl(schema)
    elif isinstance(schema, (list, tuple)):
        schema = [x if isinstance(x, str) else x.encode("utf-8").decode() for x in schema]
    kind = type(data).__module__.partition(".")[0]
    if kind in ("numpy", "pandas", "pyarrow"):
        from pyspark_compat.sql import _create_tables

        made = _create_tables.relation_of(session, data, schema, verify)
        if made is not None:
            return made
    if type(data).__name__ == "RDD" and hasattr(data, "mapPartitions"):
        raise not_implemented("createDataFrame from an RDD")
    return rows_relation(session, data, schema, verify)


def rows_relation(session, data, schema, verify):
    """The relation of rows."""
    checked = verify
    if isinstance(schema, DataType) and not isinstance(schema, StructType):
        data = list(data)
        if verify:
            check = _make_type_verifier(schema, name="field value")
            for value in data:
                check(value)
        data, schema, checked = [(value,) for value in data], StructType().add("value", schema), False
    rows = data if isinstance(data, list) else list(data)
    plain = _by_position(rows)
    if isinstance(schema, StructType):
        if checked:
            _verify(rows, plain, schema)
        struct = schema
    elif schema is None or isinstance(schema, list):
        struct = _inferred(session, rows, plain, schema)
    else:
        raise wrong_type("list, None or StructType", "schema", schema)
    if any(type(r) is VariantVal for r in rows):
        raise PySparkValueError("Rows cannot be of type VariantVal")
    columns = _columns(rows, plain, struct)
    if schema is not None and isinstance(schema, list):
        for i, name in enumerate(schema):
            struct.fields[i].name = struct.names[i] = name
    return local_relation(_table(columns, struct, len(rows)), struct)


def local_relation(table, struct):
    """The relation of an Arrow table in the form that the schema wants."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return _plan.local(sink.getvalue().to_pybytes(), struct.json())


def _by_position(rows):
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


# -- inference -----------------------------------------------------------------------------------------------

def _options(session):
    stamp, structs, first_element, first_pair = [v for _, v in session._engine.settings("get_option", _SETTINGS)]
    return dict(infer_dict_as_struct=structs == "true", infer_array_from_first_element=first_element == "true",
                infer_map_from_first_pair=first_pair == "true", prefer_timestamp_ntz=stamp == "TIMESTAMP_NTZ")


def _inferred(session, rows, plain, names):
    """The struct of rows, under the names given for tuples."""
    if not rows:
        raise PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})
    options = _options(session)
    names = None if names is None else list(names)
    named = _named_columns(rows, plain, names)
    if named is not None:
        struct = StructType([StructField(n, _column_type(n, column, options), True) for n, column in named])
    else:
        struct = reduce(_merge_type, (_infer_schema(row, names, **options) for row in rows))
    if _has_nulltype(struct):
        raise PySparkValueError(errorClass="CANNOT_DETERMINE_TYPE", messageParameters={})
    return struct


def _named_columns(rows, plain, names):
    """Pairs of name and column where all rows have the same fields, else None."""
    first = rows[0]
    kinds = set(map(type, rows))
    if plain is not None and kinds <= {tuple, list}:
        names = names or []
        return zip(names[:len(plain)] + ["_%d" % i for i in range(len(names) + 1, len(plain) + 1)], plain)
    fields = getattr(first, "__fields__", None)
    if plain is not None and fields is not None and len(fields) == len(plain) and all(
            getattr(r, "__fields__", None) == fields for r in rows):
        return zip(fields, plain)
    if kinds == {dict} and all(isinstance(k, str) for k in first) and all(r.keys() == first.keys() for r in rows):
        return [(name, list(map(itemgetter(name), rows))) for name in sorted(first)]
    return None


def _column_type(name, column, options):
    kinds = set(map(type, column)) - {_NONE}
    if len(kinds) == 1:
        kind = kinds.pop()
        found = _type_mappings.get(kind)
        simple = (base.BooleanType, base.LongType, base.DoubleType, base.StringType, base.BinaryType, base.DateType)
        if found in simple:
            return found()
        kinds = {kind}
    try:
        if not kinds:
            return base.NullType()
        return reduce(_merge_type, (_infer_type(v, **options) for v in column))
    except PySparkTypeError as e:
        if e.getCondition() == "CANNOT_MERGE_TYPE":
            raise
        raise PySparkTypeError(
            errorClass="CANNOT_INFER_TYPE_FOR_FIELD", messageParameters={"field_name": name}) from None


# -- checks --------------------------------------------------------------------------------------------------

def _verify(rows, plain, struct):
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

def _columns(rows, plain, struct):
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
    from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

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
        from pyspark_compat.errors.exceptions.captured import ArithmeticException

        raise ArithmeticException._of("NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION", {
            "roundedValue": str(fitted), "originalValue": str(value), "precision": str(data_type.precision),
            "scale": str(data_type.scale)},
            f"{value}, rounded {fitted}, does not fit Decimal({data_type.precision}, {data_type.scale}).", "22003")
    return fitted


def _table(columns, struct, count):
    """The columns as Arrow; values that do not fit their type and were not checked become null, as in Spark."""
    import pyarrow as pa

    from pyspark_compat_worker.arrow_types import arrow_schema
    from pyspark_compat_worker.arrow_write import writer

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


