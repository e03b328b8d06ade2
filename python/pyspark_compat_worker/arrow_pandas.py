"""Arrow columns as pandas Series and back, with timestamps in the session's zone."""
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pyspark_compat_worker import arrow_read, returned
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.arrow_types import arrow_type
from pyspark_compat_worker.arrow_write import writer
from pyspark_compat_worker.errors import PySparkTypeError, PySparkValueError
from pyspark_compat_worker.row import Row
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

_UNIT = "ns" if int(pd.__version__.split(".")[0]) < 3 else "us"
_NESTED = (ArrayType, MapType, StructType, VariantType, GeometryType, GeographyType, UserDefinedType)


def to_series(column, data_type, zone, frame_for_struct=True):
    """An Arrow column as a Series; a struct as a DataFrame of its fields unless told otherwise."""
    if isinstance(data_type, StructType) and frame_for_struct:
        parts = [to_series(_field(column, i), f.dataType, zone, False) for i, f in enumerate(data_type.fields)]
        return pd.DataFrame(dict(enumerate(parts))).set_axis(data_type.names, axis=1)
    kind = type(data_type)
    if kind is base.TimestampType:
        column = pc.local_timestamp(column.cast(pa.timestamp("us", tz=zone or "UTC")))
        return _whole(column).cast(pa.timestamp(_UNIT)).to_pandas()
    if kind is base.TimestampNTZType:
        return column.cast(pa.timestamp(_UNIT)).to_pandas()
    if kind is base.DayTimeIntervalType:
        return column.cast(pa.duration(_UNIT)).to_pandas()
    if isinstance(data_type, _NESTED):
        return pd.Series(_objects(column, data_type, zone), dtype=object)
    return column.to_pandas()


def _whole(column):
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _field(column, i):
    return _whole(column).flatten()[i]


def _objects(column, data_type, zone):
    """Values of nested types as pandas users know them: NumPy arrays, dicts and Rows' dicts."""
    values = arrow_read.reader(data_type)(column)
    if isinstance(data_type, (VariantType, GeometryType, GeographyType, UserDefinedType)):
        return values
    return [_object(v, data_type) for v in values]


def _object(value, data_type):
    if value is None:
        return None
    if isinstance(data_type, ArrayType):
        import numpy as np

        element = data_type.elementType
        if isinstance(element, (ArrayType, MapType, StructType)):
            made = np.empty(len(value), dtype=object)
            made[:] = [_object(v, element) for v in value]
            return made
        if isinstance(element, base.NumericType) and not isinstance(element, base.DecimalType) and None not in value:
            return np.array(value, dtype=arrow_type(element).to_pandas_dtype())
        return np.array(value, dtype=object)
    if isinstance(data_type, MapType):
        return {k: _object(v, data_type.valueType) for k, v in value.items()}
    if isinstance(data_type, StructType):
        return {f.name: _object(v, f.dataType) for f, v in zip(data_type.fields, value)}
    return value


def from_series(series, data_type, zone, name="_0"):
    """A Series (or a DataFrame for a struct, or anything a Series can be made of) as an Arrow array."""
    if isinstance(series, pd.DataFrame):
        return _from_struct_frame(series, data_type, zone)
    if not isinstance(series, pd.Series):
        series = pd.Series(series)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.dtype.categories.dtype)
    try:
        return _from_series(series, data_type, zone)
    except TypeError as e:
        raise PySparkTypeError(
            f"The column '{name}' of type '{series.dtype}' does not become '{arrow_type(data_type)}': {e}") from e
    except ValueError as e:
        if isinstance(e, PySparkValueError):
            raise
        raise PySparkValueError(
            f"The column '{name}' of type '{series.dtype}' does not become '{arrow_type(data_type)}' without loss: "
            f"{e}") from e


def _from_series(series, data_type, zone):
    kind = type(data_type)
    arrow = arrow_type(data_type)
    if kind is base.TimestampType:
        series = _to_utc(series, zone)
    elif kind is base.TimestampNTZType:
        pass
    elif isinstance(data_type, _NESTED):
        return writer(data_type)([_python(v, data_type) for v in series])
    elif kind is base.StringType and series.dtype == object:
        return writer(data_type)([None if _missing(v) else v for v in series])
    mask = None if hasattr(series.array, "__arrow_array__") else series.isnull()
    try:
        return _chunkless(pa.Array.from_pandas(series, mask=mask, type=arrow, safe=True))
    except pa.ArrowInvalid:
        return _chunkless(pa.Array.from_pandas(series, mask=mask).cast(arrow, safe=True))


def _chunkless(array):
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _to_utc(series, zone):
    if series.dtype == object and len(series):
        series = pd.to_datetime(series, utc=False, errors="raise") if not series.isnull().all() else series
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        return series.dt.tz_convert("UTC")
    if pd.api.types.is_datetime64_dtype(series.dtype):
        return series.dt.tz_localize(zone or "UTC", ambiguous=False, nonexistent="shift_forward").dt.tz_convert("UTC")
    return series


def _missing(value):
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _python(value, data_type):
    """A pandas user's value as the Python value that the type takes."""
    if isinstance(value, (VariantVal, Geometry, Geography)) or isinstance(data_type, UserDefinedType):
        return value
    if isinstance(data_type, ArrayType):
        if _is_scalar_missing(value):
            return None
        items = value.tolist() if hasattr(value, "tolist") else value
        return [_python(v, data_type.elementType) for v in items]
    if _is_scalar_missing(value):
        return None
    if isinstance(data_type, MapType):
        pairs = value.items() if isinstance(value, dict) else value
        return {_python(k, data_type.keyType): _python(v, data_type.valueType) for k, v in pairs}
    if isinstance(data_type, StructType):
        if isinstance(value, (tuple, Row)):
            return tuple(_python(v, f.dataType) for v, f in zip(value, data_type.fields))
        return {f.name: _python(value.get(f.name), f.dataType) for f in data_type.fields}
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value.item() if hasattr(value, "item") else value


def _is_scalar_missing(value):
    return not hasattr(value, "__len__") and _missing(value)


def _from_struct_frame(frame, data_type, zone):
    if not isinstance(data_type, StructType):
        raise returned.wrong_type("pandas.Series", "pandas.DataFrame")
    batch = from_frame(frame, data_type, zone)
    return pa.StructArray.from_arrays(batch.columns, fields=list(arrow_type(data_type)))


def to_frame(batch, struct, zone):
    """A record batch or table as a DataFrame."""
    columns = [to_series(batch.column(i), f.dataType, zone, False) for i, f in enumerate(struct.fields)]
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(batch.num_rows))
    frame.columns = struct.names
    return frame


def from_frame(frame, struct, zone):
    """A DataFrame as a record batch of the declared columns, matched by name where names are strings."""
    schema = pa.schema([pa.field(f.name, arrow_type(f.dataType)) for f in struct.fields])
    if not len(frame.columns) and not len(frame):
        return pa.record_batch([pa.nulls(0, f.type) for f in schema], schema=schema)
    if any(isinstance(c, str) for c in frame.columns):
        returned.check_names(list(frame.columns[:len(struct.names)]), struct.names)
        columns = [frame[name] for name in struct.names]
    else:
        if len(frame.columns) < len(struct.names):
            raise returned.wrong_count(len(struct.names), len(frame.columns))
        columns = [frame.iloc[:, i] for i in range(len(struct.names))]
    arrays = [from_series(c, f.dataType, zone, f.name) for c, f in zip(columns, struct.fields)]
    return pa.record_batch(arrays, schema=schema)
