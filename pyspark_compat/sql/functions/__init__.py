"""The functions of columns: `from pyspark_compat.sql import functions as F`."""
from pyspark_compat.sql.functions import builtin, partitioning
from pyspark_compat.sql.functions.builtin import *  # noqa: F401,F403
from pyspark_compat.sql.functions.builtin import udf  # noqa: F401

_LATE = {
    "UserDefinedFunction": "pyspark_compat.sql.udf", "pandas_udf": "pyspark_compat.sql.pandas.functions",
    "arrow_udf": "pyspark_compat.sql.pandas.functions", "PandasUDFType": "pyspark_compat.sql.pandas.functions",
    "ArrowUDFType": "pyspark_compat.sql.pandas.functions",
    **dict.fromkeys((
        "AnalyzeArgument", "AnalyzeResult", "OrderingColumn", "PartitioningColumn", "SelectedColumn",
        "SkipRestOfInputTableException", "UserDefinedTableFunction"), "pyspark_compat.sql.udtf"),
}


def __getattr__(name):
    if name in _LATE:
        import importlib

        found = getattr(importlib.import_module(_LATE[name]), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = sorted({n for n in vars(builtin) if not n.startswith("_")} | set(_LATE) | {"partitioning"})


def __dir__():
    return __all__
