"""Sessions, frames and columns. Names load with their first use."""
from pyspark_compat._lazy import getter as _getter

_HOMES = {
    "SparkSession": "session", "SQLContext": "context", "HiveContext": "context", "UDFRegistration": "udf",
    "UDTFRegistration": "udtf", "DataFrame": "dataframe", "Column": "column", "Catalog": "catalog",
    "Observation": "observation", "Row": "types", "Geography": "types", "Geometry": "types",
    "DataFrameNaFunctions": "dataframe", "DataFrameStatFunctions": "dataframe", "VariantVal": "types",
    "Window": "window", "WindowSpec": "window", "DataFrameReader": "readwriter", "DataFrameWriter": "readwriter",
    "DataFrameWriterV2": "readwriter", "MergeIntoWriter": "merge", "PandasCogroupedOps": "pandas.group_ops",
    "GroupedData": "group", "is_remote": "utils",
}
_MODULES = {
    "avro", "catalog", "column", "conf", "context", "dataframe", "datasource", "functions", "group", "merge",
    "observation", "pandas", "protobuf", "readwriter", "session", "streaming", "types", "udf", "udtf", "utils", "window",
}

__all__ = [
    "Catalog",
    "Column",
    "DataFrame",
    "DataFrameNaFunctions",
    "DataFrameReader",
    "DataFrameStatFunctions",
    "DataFrameWriter",
    "DataFrameWriterV2",
    "Geography",
    "Geometry",
    "GroupedData",
    "HiveContext",
    "MergeIntoWriter",
    "Observation",
    "PandasCogroupedOps",
    "Row",
    "SQLContext",
    "SparkSession",
    "UDFRegistration",
    "UDTFRegistration",
    "VariantVal",
    "Window",
    "WindowSpec",
    "is_remote",
]


__getattr__ = _getter(__name__, globals(), _HOMES, _MODULES)


def __dir__():
    return sorted(set(globals()) | set(_HOMES) | _MODULES)
