"""TaskContext under PySpark's module name."""
from pyspark_compat_worker.taskcontext import BarrierTaskContext, BarrierTaskInfo, TaskContext  # noqa: F401

__all__ = ["TaskContext", "BarrierTaskContext"]
