"""Local data as a relation: rows of any kind, pandas, NumPy and Arrow, with PySpark's inference and checks.

Rows become columns first; types are inferred and checked a column at a time where the rows are plain tuples, and row by
row where PySpark's answer hangs on the row. What becomes of the columns is in pyspark_compat_worker.rows_arrow.
"""
from functools import reduce
from operator import itemgetter

from pyspark_compat import _plan
from pyspark_compat.errors import PySparkTypeError, PySparkValueError
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import wrong_type
from pyspark_compat_worker.rows_arrow import by_position, columns_of, table_of
from pyspark_compat_worker.rows_arrow import verify as verify_rows
from pyspark_compat_worker.types_base import DataType
from pyspark_compat_worker.types_infer import _has_nulltype, _infer_schema, _infer_type, _merge_type, _type_mappings
from pyspark_compat_worker.types_nested import StructField, StructType
from pyspark_compat_worker.types_object import VariantVal
from pyspark_compat_worker.types_verify import _make_type_verifier

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
    plain = by_position(rows)
    if isinstance(schema, StructType):
        if checked:
            verify_rows(rows, plain, schema)
        struct = schema
    elif schema is None or isinstance(schema, list):
        struct = _inferred(session, rows, plain, schema)
    else:
        raise wrong_type("list, None or StructType", "schema", schema)
    if any(type(r) is VariantVal for r in rows):
        raise PySparkValueError("Rows cannot be of type VariantVal")
    columns = columns_of(rows, plain, struct)
    if schema is not None and isinstance(schema, list):
        for i, name in enumerate(schema):
            struct.fields[i].name = struct.names[i] = name
    return local_relation(table_of(columns, struct, len(rows)), struct)


def local_relation(table, struct):
    """The relation of an Arrow table in the form that the schema wants."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return _plan.local(sink.getvalue().to_pybytes(), struct.json())


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
