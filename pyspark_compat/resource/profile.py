"""Resource profiles and their builder."""
import itertools

from pyspark_compat.resource.requests import ExecutorResourceRequests, TaskResourceRequests

_next_id = itertools.count(1).__next__


class ResourceProfile:
    """The resources of executors and tasks, under an id."""

    def __init__(self, _java_resource_profile=None, _exec_req=None, _task_req=None):
        self._id = _next_id()
        self._executor_resource_requests = _exec_req or {}
        self._task_resource_requests = _task_req or {}

    @property
    def id(self):
        return self._id

    @property
    def taskResources(self):
        return self._task_resource_requests

    @property
    def executorResources(self):
        return self._executor_resource_requests


class ResourceProfileBuilder:
    """Collects requests; `build` is the profile of what was required so far."""

    def __init__(self):
        self._executor_resource_requests = {}
        self._task_resource_requests = {}

    def require(self, resourceRequest):
        kept = (self._task_resource_requests if isinstance(resourceRequest, TaskResourceRequests)
                else self._executor_resource_requests)
        kept.update(resourceRequest.requests)
        return self

    def clearExecutorResourceRequests(self):
        self._executor_resource_requests = {}

    def clearTaskResourceRequests(self):
        self._task_resource_requests = {}

    @property
    def taskResources(self):
        return dict(self._task_resource_requests)

    @property
    def executorResources(self):
        return dict(self._executor_resource_requests)

    @property
    def build(self):
        return ResourceProfile(None, self.executorResources, self.taskResources)


__all__ = ["ExecutorResourceRequests", "ResourceProfile", "ResourceProfileBuilder", "TaskResourceRequests"]
