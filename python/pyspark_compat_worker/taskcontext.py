"""TaskContext: what a function on a worker can ask about the task that it runs in."""
from decimal import Decimal

from .errors import PySparkRuntimeError

__all__ = ["TaskContext", "BarrierTaskContext"]

_ONE = Decimal(1)


class TaskContext:
    """The task that runs in this process. There is one object, also for those who construct it."""

    _taskContext = None
    _attemptNumber = _partitionId = _stageId = _taskAttemptId = _localProperties = None
    _cpus = _cpuAmount = _resources = None

    def __new__(cls, **kwargs):
        if cls._taskContext is None:
            cls._taskContext = object.__new__(cls)
        return cls._taskContext

    def __init__(self, **kwargs):
        for key, value in kwargs.items():
            if not hasattr(self, f"_{key}"):
                raise TypeError(f"__init__() got an unexpected keyword argument '{key}'")
            if value is not None:
                setattr(self, f"_{key}", value)

    @classmethod
    def _getOrCreate(cls):
        return cls()

    @classmethod
    def _setTaskContext(cls, taskContext):
        TaskContext._taskContext = taskContext

    @classmethod
    def get(cls):
        """The context of the running task; None in the driver."""
        return TaskContext._taskContext

    @classmethod
    def from_json(cls, json):
        """A context from the fields of a dict."""
        made, get = object.__new__(cls), json.get
        cpus = get("cpus", 1)
        made.__dict__.update(
            _stageId=get("stageId", 0), _partitionId=get("partitionId", 0), _attemptNumber=get("attemptNumber", 0),
            _taskAttemptId=get("taskAttemptId", 0), _cpus=cpus, _cpuAmount=_ONE if cpus == 1 else Decimal(cpus),
            _resources=dict(get("resources") or ()), _localProperties=dict(get("localProperties") or ()))
        return made

    def stageId(self):
        """The number of the stage that the task belongs to."""
        return self._stageId

    def partitionId(self):
        """The number of the partition that the task computes."""
        return self._partitionId

    def attemptNumber(self):
        """How many times the task was tried before."""
        return self._attemptNumber

    def taskAttemptId(self):
        """A number that no other attempt of any task of the application has."""
        return self._taskAttemptId

    def getLocalProperty(self, key):
        """A local property of the thread that started the job, or None."""
        return self._localProperties.get(key)

    def cpus(self):
        """Processors of the task, rounded up."""
        return self._cpus

    def cpuAmount(self):
        """Processors of the task, exactly."""
        return self._cpuAmount

    def resources(self):
        """Resources of the task by name."""
        return self._resources


class BarrierTaskContext(TaskContext):
    """A task whose stage runs all its tasks at the same time; they can wait for one another.

    They meet in the engine, which waits for all of them.
    """

    _meeting = None  # {"tasks"}

    @classmethod
    def _getOrCreate(cls):
        if not isinstance(TaskContext._taskContext, BarrierTaskContext):
            TaskContext._taskContext = object.__new__(cls)
        return TaskContext._taskContext

    @classmethod
    def get(cls):
        """The context of the running task. Raises NOT_IN_BARRIER_STAGE elsewhere."""
        if not isinstance(TaskContext._taskContext, BarrierTaskContext):
            raise PySparkRuntimeError(errorClass="NOT_IN_BARRIER_STAGE", messageParameters={})
        return TaskContext._taskContext

    @classmethod
    def from_json(cls, json):
        made = super().from_json(json)
        made._meeting = json["barrier"]
        return made

    def barrier(self):
        """Waits until all tasks of the stage are here."""
        self._meet("barrier", None)

    def allGather(self, message=""):
        """Waits until all tasks of the stage are here and gives all their messages in the order of partitions."""
        if not isinstance(message, str):
            raise TypeError("Argument `message` must be of type `str`")
        return self._meet("allGather", message)

    def getTaskInfos(self):
        """Where the stage's tasks run, in the order of partitions."""
        self._initialized("getTaskInfos")
        return [BarrierTaskInfo("localhost:0") for _ in range(self._meeting["tasks"])]

    def _initialized(self, function):
        if self._meeting is None:
            raise PySparkRuntimeError(errorClass="CALL_BEFORE_INITIALIZE", messageParameters={
                "func_name": function, "object": "BarrierTaskContext"})

    def _meet(self, kind, message):
        self._initialized(kind)
        from . import tasks

        return tasks.current.meet(kind, message or "")


class BarrierTaskInfo:
    """Where a task of a barrier stage runs: `address` is host:port."""

    def __init__(self, address):
        self.address = address
