"""SparkFiles: where files added with SparkContext.addFile lie."""
import os

from pyspark_compat_worker.around import FILES, LOCAL

__all__ = ["SparkFiles"]


class SparkFiles:
    """Resolves paths of added files, in the driver and in workers."""

    _root_directory = None
    _is_running_on_worker = LOCAL in os.environ
    _sc = None

    def __init__(self):
        raise NotImplementedError("SparkFiles has class methods only")

    @classmethod
    def get(cls, filename):
        """The path of an added file."""
        return os.path.abspath(os.path.join(cls.getRootDirectory(), filename))

    @classmethod
    def getRootDirectory(cls):
        """The folder of added files."""
        if cls._root_directory is not None:
            return cls._root_directory
        if cls._is_running_on_worker:
            return os.path.join(os.environ[LOCAL], FILES)
        from pyspark_compat.core.context import SparkContext

        context = SparkContext._active_spark_context
        if context is None:
            from pyspark_compat.errors import PySparkRuntimeError

            raise PySparkRuntimeError(errorClass="SESSION_OR_CONTEXT_NOT_EXISTS", messageParameters={})
        return context._files_root()
