"""PySpark's streaming API on a Go engine, without a JVM.

Names load with their first use, so that importing the package costs next to nothing. `as_pyspark()` makes
`import pyspark` mean this package.
"""
import importlib

from pyspark_compat.version import __version__  # noqa: F401

_HOMES = {
    "SparkConf": "conf", "SparkContext": "core.context", "SparkFiles": "core.files", "RDD": "core.rdd",
    "RDDBarrier": "core.rdd", "StorageLevel": "storagelevel", "Broadcast": "core.broadcast",
    "Accumulator": "accumulators", "AccumulatorParam": "accumulators", "MarshalSerializer": "serializers",
    "CPickleSerializer": "serializers", "StatusTracker": "core.status", "SparkJobInfo": "core.status",
    "SparkStageInfo": "core.status", "SparkExecutorInfo": "core.status", "Profiler": "profiler",
    "BasicProfiler": "profiler", "TaskContext": "taskcontext", "BarrierTaskContext": "taskcontext",
    "BarrierTaskInfo": "taskcontext", "InheritableThread": "util", "inheritable_thread_target": "util",
    "SQLContext": "sql.context", "HiveContext": "sql.context", "Row": "sql.types", "SparkSession": "sql.session",
}
_MODULES = {
    "accumulators", "conf", "core", "errors", "files", "java_gateway", "logger", "profiler", "resource", "serializers",
    "shuffle", "sql", "statcounter", "storagelevel", "streaming", "taskcontext", "testing", "util", "version",
    "cloudpickle", "join", "rddsampler", "resultiterable", "traceback_utils", "find_spark_home", "broadcast",
    "context", "rdd", "status",
}

__all__ = [
    "SparkConf", "SparkContext", "SparkFiles", "RDD", "StorageLevel", "Broadcast", "Accumulator", "AccumulatorParam",
    "MarshalSerializer", "CPickleSerializer", "StatusTracker", "SparkJobInfo", "SparkStageInfo", "Profiler",
    "BasicProfiler", "TaskContext", "RDDBarrier", "BarrierTaskContext", "BarrierTaskInfo", "InheritableThread",
]


def __getattr__(name):
    home = _HOMES.get(name)
    if home is not None:
        found = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    elif name in _MODULES:
        try:
            found = importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as e:
            if e.name != f"{__name__}.{name}":
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__():
    return sorted(set(globals()) | set(_HOMES) | _MODULES)


def as_pyspark():
    """Makes `import pyspark` mean this package for the rest of the process."""
    from pyspark_compat._alias import install

    install()
