"""The data types and Row: the very classes that the workers use, with the private names that user code imports."""
from pyspark_compat_worker import types as _types
from pyspark_compat_worker.types import *  # noqa: F401,F403
from pyspark_compat_worker.types import __all__  # noqa: F401


def __getattr__(name):
    return getattr(_types, name)
