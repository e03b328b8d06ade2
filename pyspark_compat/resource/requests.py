"""Requests for executor and task resources."""
from pyspark_compat.util import _parse_memory


class ExecutorResourceRequest:
    """An amount of one resource for an executor."""

    def __init__(self, resourceName, amount, discoveryScript="", vendor=""):
        self._name = resourceName
        self._amount = amount
        self._discovery_script = discoveryScript
        self._vendor = vendor

    @property
    def resourceName(self):
        return self._name

    @property
    def amount(self):
        return self._amount

    @property
    def discoveryScript(self):
        return self._discovery_script

    @property
    def vendor(self):
        return self._vendor


class ExecutorResourceRequests:
    """The resources of an executor. Setters give the object itself."""

    _CORES = "cores"
    _MEMORY = "memory"
    _OVERHEAD_MEM = "memoryOverhead"
    _PYSPARK_MEM = "pyspark.memory"
    _OFFHEAP_MEM = "offHeap"

    def __init__(self, _jvm=None, _requests=None):
        self._executor_resources = dict(_requests or {})

    def _set(self, name, amount, *more):
        self._executor_resources[name] = ExecutorResourceRequest(name, amount, *more)
        return self

    def resource(self, resourceName, amount, discoveryScript="", vendor=""):
        return self._set(resourceName, amount, discoveryScript, vendor)

    def memory(self, amount):
        return self._set(self._MEMORY, _parse_memory(amount))

    def memoryOverhead(self, amount):
        return self._set(self._OVERHEAD_MEM, _parse_memory(amount))

    def pysparkMemory(self, amount):
        return self._set(self._PYSPARK_MEM, _parse_memory(amount))

    def offheapMemory(self, amount):
        return self._set(self._OFFHEAP_MEM, _parse_memory(amount))

    def cores(self, amount):
        return self._set(self._CORES, amount)

    @property
    def requests(self):
        return self._executor_resources


class TaskResourceRequest:
    """An amount of one resource for a task."""

    def __init__(self, resourceName, amount):
        self._name = resourceName
        self._amount = float(amount)

    @property
    def resourceName(self):
        return self._name

    @property
    def amount(self):
        return self._amount


class TaskResourceRequests:
    """The resources of a task. Setters give the object itself."""

    _CPUS = "cpus"

    def __init__(self, _jvm=None, _requests=None):
        self._task_resources = dict(_requests or {})

    def cpus(self, amount):
        return self.resource(self._CPUS, amount)

    def resource(self, resourceName, amount):
        self._task_resources[resourceName] = TaskResourceRequest(resourceName, amount)
        return self

    @property
    def requests(self):
        return self._task_resources
