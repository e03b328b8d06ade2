"""SparkFiles: where files added with SparkContext.addFile lie."""
import os

__all__ = ["SparkFiles"]


class SparkFiles:
    """Resolves paths of added files, in the driver and in workers."""

    _root_directory = None
    _is_running_on_worker = False
    _sc = None

    def __init__(self):
        raise NotImplementedError("SparkFiles has class methods only")

    @classmethod
    def get(cls, filename):
        return os.path.abspath(os.path.join(cls.getRootDirectory(), filename))

    @classmethod
    def getRootDirectory(cls):
        root = cls._root_directory or os.environ.get("PYSPARK_COMPAT_FILES")
        if root is None:
            from pyspark_compat_worker.errors import PySparkRuntimeError

            raise PySparkRuntimeError(errorClass="SESSION_OR_CONTEXT_NOT_EXISTS", messageParameters={})
        return root
