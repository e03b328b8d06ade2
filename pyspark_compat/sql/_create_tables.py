"""Local tables as relations: pandas, NumPy and Arrow, without rows in between where the columns allow it."""
import warnings

import pyarrow as pa

from pyspark_compat.errors import PySparkValueError
from pyspark_compat.sql._create import local_relation, rows_relation
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.arrow_types import arrow_schema, arrow_type, spark_schema, spark_type
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructField, StructType


def relation_of(session, data, schema, verify):
    """The relation of a table, or None where the data is a sequence of rows after all."""
    name = type(data).__name__
    if name == "ndarray":
        data = _of_array(data, schema)
    if isinstance(data, pa.Table):
        return _of_arrow(session, data, schema)
    if name == "DataFrame" and hasattr(data, "iloc"):
        return _of_pandas(session, data, schema, verify)
    return None


def _settings(session):
    zone, stamp = [v for _, v in session._engine.settings(
        "get_option", ["spark.sql.session.timeZone", "spark.sql.timestampType"])]
    return zone or "UTC", stamp == "TIMESTAMP_NTZ"


def _of_array(data, schema):
    """A NumPy array of one or two dimensions as an Arrow table."""
    if data.ndim not in (1, 2):
        raise PySparkValueError(errorClass="INVALID_NDARRAY_DIMENSION", messageParameters={"dimensions": "1 or 2"})
    if data.ndim == 1:
        data = data.reshape(-1, 1)
    width = data.shape[1]
    if isinstance(schema, StructType):
        names = schema.names
    elif isinstance(schema, list):
        names = schema
    else:
        names = ["value"] if width == 1 else [f"_{i + 1}" for i in range(width)]
    return pa.Table.from_arrays([pa.array(data[:, i].copy()) for i in range(width)], names=names)


def _of_arrow(session, table, schema):
    zone, ntz = _settings(session)
    if schema is None:
        schema = table.schema.names
    if isinstance(schema, list):
        table = table.rename_columns(schema)
    if not isinstance(schema, StructType):
        schema = spark_schema(table.schema, ntz)
    wanted = arrow_schema(schema)
    columns = [localised(_whole(c), f.dataType, zone) for c, f in zip(table.columns, schema.fields)]
    table = pa.Table.from_arrays(columns, names=table.schema.names[:len(columns)])
    if len(table.columns) != len(wanted) or table.schema.names != wanted.names:
        raise ValueError(f"The table has the columns {table.schema.names}, the schema {wanted.names}.")
    if not columns:
        return local_relation(pa.record_batch(pa.array([{}] * table.num_rows, pa.struct([]))), schema)
    return local_relation(_one(table.cast(wanted)), schema)


def _whole(column):
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _one(table):
    return table.combine_chunks().to_batches()[0] if table.num_rows else pa.record_batch(
        [pa.array([], f.type) for f in table.schema], schema=table.schema)


def localised(column, data_type, zone):
    """The column with timestamps in microseconds; those without zone, where the type has one, are of the session's."""
    if pa.types.is_timestamp(column.type):
        return _stamps(column, data_type, zone)
    if not _has_stamps(column.type):
        return column
    if isinstance(data_type, ArrayType) and pa.types.is_list(column.type):
        values = localised(column.values, data_type.elementType, zone)
        return pa.ListArray.from_arrays(column.offsets, values, mask=column.is_null() if column.null_count else None)
    if isinstance(data_type, StructType) and pa.types.is_struct(column.type):
        parts = [localised(column.field(i), f.dataType, zone) for i, f in enumerate(data_type.fields)]
        return pa.StructArray.from_arrays(
            parts, names=data_type.names, mask=column.is_null() if column.null_count else None)
    if isinstance(data_type, MapType) and pa.types.is_map(column.type):
        keys = localised(column.keys, data_type.keyType, zone)
        return pa.MapArray.from_arrays(column.offsets, keys, localised(column.items, data_type.valueType, zone))
    return column


def _stamps(column, data_type, zone):
    import pyarrow.compute as pc

    given = column.type.tz
    if column.type.unit == "ns":  # a cast would cut towards zero, or refuse
        column = pc.floor_temporal(column.cast(pa.timestamp("ns", given and "UTC")), unit="microsecond")
    column = column.cast(pa.timestamp("us", given))
    if given is not None or not isinstance(data_type, base.TimestampType):
        return column
    return pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="latest").cast(arrow_type(data_type))


def _has_stamps(arrow):
    return pa.types.is_timestamp(arrow) or any(_has_stamps(arrow.field(i).type) for i in range(arrow.num_fields))


def _of_pandas(session, frame, schema, verify):
    zone, ntz = _settings(session)
    if schema is None:
        schema = [x if isinstance(x, str) else str(x) for x in frame.columns]
    if len(frame):
        try:
            return _columns_of_pandas(frame, schema, zone, ntz)
        except Exception as e:
            warnings.warn(f"createDataFrame goes by rows, because the columns do not convert: {e}", stacklevel=4)
    return rows_relation(session, _rows_of_pandas(frame, schema, zone), schema, verify)


def _columns_of_pandas(frame, schema, zone, ntz):
    from pyspark_compat_worker.convert import from_series

    if isinstance(schema, list):
        given = pa.Schema.from_pandas(frame, preserve_index=False)
        schema = StructType([StructField(name, spark_type(f.type, ntz), f.nullable) for name, f in zip(schema, given)])
    elif not isinstance(schema, StructType):
        raise ValueError(f"{schema} is no schema of columns")
    if len(schema.fields) > len(frame.columns):
        raise ValueError(f"the schema has {len(schema.fields)} columns, the data {len(frame.columns)}")
    wanted = arrow_schema(schema)
    if not schema.fields:
        return local_relation(pa.record_batch(pa.array([{}] * len(frame), pa.struct([]))), schema)
    arrays = [from_series(frame.iloc[:, i], f.dataType, zone) for i, f in enumerate(schema.fields)]
    return local_relation(pa.record_batch(arrays, schema=wanted), schema)


def _rows_of_pandas(frame, schema, zone):
    """The rows as tuples of Python values, instants without zone in the machine's zone."""
    import pandas as pd

    columns = []
    kinds = [f.dataType for f in schema.fields] if isinstance(schema, StructType) else []
    for i in range(len(frame.columns)):
        series = frame.iloc[:, i]
        if isinstance(series.dtype, pd.DatetimeTZDtype):
            series = series.dt.tz_convert("UTC")
        elif i < len(kinds) and isinstance(kinds[i], base.TimestampType) and series.dtype.kind == "M":
            series = series.dt.tz_localize(zone, ambiguous=False, nonexistent="shift_forward")
        columns.append([_plain(v) for v in series.astype(object)])
    return list(zip(*columns)) if columns else [()] * len(frame)


def _plain(value):
    import pandas as pd

    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    if isinstance(value, pd.Timedelta):
        return value.to_pytimedelta()
    return value
