"""py4j.protocol: the errors that programs catch."""
from pyspark_compat_worker.captured import Py4JError, Py4JJavaError, Py4JNetworkError  # noqa: F401

__all__ = ["Py4JError", "Py4JJavaError", "Py4JNetworkError"]
