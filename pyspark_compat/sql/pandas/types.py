"""Spark types as Arrow types and back, under PySpark's names."""
import pyarrow as pa

from pyspark_compat.sql.pandas.conversion import _refuse_duplicates
from pyspark_compat_worker import arrow_types
from pyspark_compat_worker import types_base as base
from pyspark_compat_worker.errors import not_implemented
from pyspark_compat_worker.types_nested import ArrayType, MapType, StructType


def to_arrow_type(dt, *, error_on_duplicated_field_names_in_struct=False, timezone=None, prefers_large_types=False):
    """The Arrow type of a Spark type; timestamps carry `timezone`."""
    if prefers_large_types:
        raise not_implemented("large Arrow types")
    if error_on_duplicated_field_names_in_struct:
        _refuse_duplicates(dt)
    return _arrow(dt, timezone)


def _arrow(dt, zone):
    if isinstance(dt, base.TimestampType):
        return pa.timestamp("us", tz=zone or "UTC")
    if isinstance(dt, ArrayType):
        return pa.list_(pa.field("element", _arrow(dt.elementType, zone), dt.containsNull))
    if isinstance(dt, MapType):
        return pa.map_(pa.field("key", _arrow(dt.keyType, zone), False),
                       pa.field("value", _arrow(dt.valueType, zone), dt.valueContainsNull))
    if isinstance(dt, StructType):
        return pa.struct(_fields(dt, zone))
    return arrow_types.arrow_type(dt)


def _fields(struct, zone):
    return [pa.field(f.name, _arrow(f.dataType, zone), f.nullable) for f in struct.fields]


def to_arrow_schema(schema, *, error_on_duplicated_field_names_in_struct=False, timezone=None,
                    prefers_large_types=False):
    """The Arrow schema of a Spark schema."""
    if prefers_large_types:
        raise not_implemented("large Arrow types")
    if error_on_duplicated_field_names_in_struct:
        for f in schema.fields:
            _refuse_duplicates(f.dataType)
    return pa.schema(_fields(schema, timezone))


def from_arrow_type(at, prefer_timestamp_ntz=True):
    """The Spark type of an Arrow type."""
    return arrow_types.spark_type(at, prefer_timestamp_ntz)


def from_arrow_schema(arrow_schema, prefer_timestamp_ntz=True):
    """The Spark schema of an Arrow schema."""
    return arrow_types.spark_schema(arrow_schema, prefer_timestamp_ntz)
