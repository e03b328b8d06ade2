"""PySpark's streaming API on a Go engine, without a JVM.

Names load with their first use, so that importing the package costs next to nothing. `as_pyspark()` makes
`import pyspark` mean this package.
"""
from pyspark_compat._lazy import getter as _getter
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
    "RDD",
    "Accumulator",
    "AccumulatorParam",
    "BarrierTaskContext",
    "BarrierTaskInfo",
    "BasicProfiler",
    "Broadcast",
    "CPickleSerializer",
    "InheritableThread",
    "MarshalSerializer",
    "Profiler",
    "RDDBarrier",
    "SparkConf",
    "SparkContext",
    "SparkFiles",
    "SparkJobInfo",
    "SparkStageInfo",
    "StatusTracker",
    "StorageLevel",
    "TaskContext",
]


__getattr__ = _getter(__name__, globals(), _HOMES, _MODULES)


def __dir__():
    return sorted(set(globals()) | set(_HOMES) | _MODULES)


def as_pyspark():
    """Makes `import pyspark` mean this package for the rest of the process."""
    from pyspark_compat._alias import install

    install()
