"""StatusTracker: what jobs and stages are doing, now and in the recent past."""
from typing import List, NamedTuple

__all__ = ["SparkJobInfo", "SparkStageInfo", "SparkExecutorInfo", "StatusTracker"]


class SparkJobInfo(NamedTuple):
    """A job: its status is RUNNING, SUCCEEDED or FAILED."""

    jobId: int
    stageIds: List[int]
    status: str


class SparkStageInfo(NamedTuple):
    """A stage and how far its tasks are."""

    stageId: int
    currentAttemptId: int
    name: str
    numTasks: int
    numActiveTasks: int
    numCompletedTasks: int
    numFailedTasks: int


class SparkExecutorInfo(NamedTuple):
    """Where tasks run: here, one place for all workers."""

    host: str
    port: int
    cacheSize: int
    numRunningTasks: int
    usedOnHeapStorageMemory: int
    usedOffHeapStorageMemory: int
    totalOnHeapStorageMemory: int
    totalOffHeapStorageMemory: int


class StatusTracker:
    """Answers about jobs and stages by their numbers; what is long gone is not known any more."""

    def __init__(self, jtracker):
        self._jobs = jtracker

    def getJobIdsForGroup(self, jobGroup=None):
        """The jobs of a group; without a group, those that have none."""
        return self._jobs.status("group", group=jobGroup)

    def getActiveStageIds(self):
        """The stages that run now."""
        return sorted(self._jobs.status("stages"))

    def getActiveJobsIds(self):
        """The jobs that run now."""
        return sorted(self._jobs.status("jobs"))

    def getJobInfo(self, jobId):
        """A job, or None."""
        found = self._jobs.status("job", id=jobId)
        return None if found is None else SparkJobInfo(jobId, found["stageIds"], found["status"])

    def getStageInfo(self, stageId):
        """A stage, or None."""
        found = self._jobs.status("stage", id=stageId)
        return None if found is None else SparkStageInfo(stageId, *(found[field] for field in SparkStageInfo._fields[1:]))

    def getExecutorInfos(self):
        """The one place where tasks run."""
        found = self._jobs.status("executor")
        return [SparkExecutorInfo(**{field: found.get(field, 0) for field in SparkExecutorInfo._fields})]
