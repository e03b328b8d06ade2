"""The data types and Row: the very classes that the workers use."""
from pyspark_compat_worker.types import *  # noqa: F401,F403
from pyspark_compat_worker.types import (  # noqa: F401
    _COLLATIONS_METADATA_KEY, AnsiIntervalType, AnyTimeType, AtomicType, DataTypeSingleton, DatetimeType,
    FractionalType, IntegralType, NumericType, SpatialType, UserDefinedType, _acceptable_types, _all_complex_types,
    _all_mappable_types, _array_type_mappings, _create_converter, _create_row, _drop_metadata, _from_numpy_type,
    _has_nulltype, _has_type, _infer_schema, _infer_type, _make_type_verifier, _merge_type, _need_converter,
    _parse_datatype_json_string, _parse_datatype_json_value, _parse_datatype_string, _type_mappings, __all__)
