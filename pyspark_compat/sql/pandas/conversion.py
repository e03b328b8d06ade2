"""A frame's rows as an Arrow table or a pandas DataFrame, with PySpark's dtypes."""
import pyarrow as pa
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.arrow_types import arrow_schema
from pyspark_compat_worker.errors import PySparkValueError, UnsupportedOperationException
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructType
from pyspark_compat_worker.types_object import UserDefinedType, VariantType

_HANDLING = "spark.sql.execution.pandas.structHandlingMode"


def _batches(frame):
    """The record batches of a frame in the form of its schema, at least one."""
    wanted = arrow_schema(frame.schema)
    got = [batch if batch.schema.equals(wanted) else batch.cast(wanted) for batch in frame._batches()]
    if not got and wanted.names:
        got = [pa.record_batch([pa.array([], f.type) for f in wanted], schema=wanted)]
    return got


def to_table(frame):
    """All rows as a pyarrow Table. Raises DUPLICATED_FIELD_NAME_IN_ARROW_STRUCT."""
    for field in frame.schema.fields:
        _refuse_duplicates(field.dataType)
    batches = _batches(frame)
    if not batches:
        return pa.table({})
    table = pa.Table.from_batches(batches)
    fields = [f.with_nullable(known.nullable) for f, known in zip(table.schema, frame.schema.fields)]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def _refuse_duplicates(data_type):
    if isinstance(data_type, StructType):
        if len(set(data_type.names)) != len(data_type.names):
            raise UnsupportedOperationException(errorClass="DUPLICATED_FIELD_NAME_IN_ARROW_STRUCT", messageParameters={
                "field_names": str(data_type.names)})
        for f in data_type.fields:
            _refuse_duplicates(f.dataType)
    elif isinstance(data_type, ArrayType):
        _refuse_duplicates(data_type.elementType)
    elif isinstance(data_type, MapType):
        _refuse_duplicates(data_type.keyType)
        _refuse_duplicates(data_type.valueType)


def to_pandas(frame):
    """All rows as a pandas DataFrame: nulls as NaN, None or NaT, timestamps in the session's zone without zone."""
    import pandas as pd

    zone, handling = [v for _, v in frame.sparkSession._engine.settings(
        "get_option", ["spark.sql.session.timeZone", _HANDLING])]
    handling = handling or "legacy"
    if handling not in ("legacy", "row", "dict"):
        raise PySparkValueError(errorClass="UNKNOWN_VALUE_FOR", messageParameters={"var": handling})
    fields = frame.schema.fields
    if handling == "legacy":
        for f in fields:
            _refuse_duplicates(f.dataType)
    if not fields:
        return pd.DataFrame(index=range(sum(batch.num_rows for batch in frame._batches())))
    table = pa.Table.from_batches(_batches(frame))
    columns = [_series(table.column(i), f.dataType, zone or "UTC", handling == "row") for i, f in enumerate(fields)]
    made = pd.DataFrame(dict(enumerate(columns)))
    made.columns = frame.schema.names
    return made


def _series(column, data_type, zone, as_rows):
    import pandas as pd

    from pyspark_compat_worker.convert import to_series

    if isinstance(data_type, (ArrayType, MapType, StructType)):
        return pd.Series(_objects(column, data_type, zone, as_rows), dtype=object)
    if isinstance(data_type, base.BooleanType) and column.null_count:
        return column.to_pandas().astype(object)
    return to_series(column, data_type, zone)


def _objects(column, data_type, zone, as_rows):
    """The values of a column as they stand in a Series of objects."""
    import pandas as pd

    if isinstance(data_type, StructType):
        from pyspark_compat_worker.row import row_class

        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        parts = [_objects(column.field(i), f.dataType, zone, as_rows) for i, f in enumerate(data_type.fields)]
        names = data_type.names
        make = row_class(names) if as_rows else lambda values: dict(zip(names, values))
        rows = map(make, zip(*parts)) if parts else (make(()) for _ in range(len(column)))
        return [row if ok else None for row, ok in zip(rows, column.is_valid().to_pylist())]
    if isinstance(data_type, (ArrayType, MapType)):
        convert = _converter(data_type, zone, as_rows)
        values = column.to_pandas(coerce_temporal_nanoseconds=True)
        return list(values) if convert is None else [None if v is None else convert(v) for v in values]
    if isinstance(data_type, (base.TimestampType, base.TimestampNTZType, UserDefinedType, VariantType)):
        from pyspark_compat_worker.convert import to_series

        return [None if v is pd.NaT else v for v in to_series(column, data_type, zone)]
    return column.to_pylist()


def _converter(data_type, zone, as_rows):
    """A function for the values that Arrow gives for a nested type, None where they are right as they are."""
    import numpy as np
    import pandas as pd

    if isinstance(data_type, ArrayType):
        element = _converter(data_type.elementType, zone, as_rows)
        if element is None:
            return None

        def of_array(values):
            made = np.empty(len(values), dtype=object)
            for i, v in enumerate(values):
                made[i] = None if v is None else element(v)
            return made
        return of_array
    if isinstance(data_type, MapType):
        key, value = (_converter(t, zone, as_rows) or _same for t in (data_type.keyType, data_type.valueType))
        return lambda pairs: {key(k): None if v is None else value(v) for k, v in pairs}
    if isinstance(data_type, StructType):
        return _struct_converter(data_type, zone, as_rows)
    if isinstance(data_type, base.TimestampType):
        def of_instant(value):
            at = pd.Timestamp(value)
            return (at.tz_localize("UTC") if at.tzinfo is None else at).tz_convert(zone).tz_localize(None)
        return of_instant
    if isinstance(data_type, base.TimestampNTZType):
        return pd.Timestamp
    return None


def _struct_converter(data_type, zone, as_rows):
    from pyspark_compat_worker.row import row_class

    names = data_type.names
    parts = [_converter(f.dataType, zone, as_rows) or _same for f in data_type.fields]
    make = row_class(names) if as_rows else lambda values: dict(zip(names, values))

    def of_struct(value):
        return make([None if value[n] is None else part(value[n]) for n, part in zip(names, parts)])
    return of_struct


def _same(value):
    return value
