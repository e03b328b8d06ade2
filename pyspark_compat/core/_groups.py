"""Local properties of threads, groups and tags of jobs, and what cancels by them: a part of SparkContext."""
import threading

from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat_worker.captured import Py4JJavaError

_GROUP, _DESCRIPTION = "spark.jobGroup.id", "spark.job.description"
_INTERRUPT, _TAGS = "spark.job.interruptOnCancel", "spark.job.tags"


class _Tags(set):
    """A set that shows itself in one order."""

    def __repr__(self):
        return "{%s}" % ", ".join(map(repr, sorted(self))) if self else "set()"


class Groups:
    """The part of SparkContext about who a job belongs to. A thread's properties go along with its jobs."""

    def _init_groups(self):
        self._local_values = threading.local()

    def _local_properties(self):
        """The calling thread's properties, by name."""
        return self._local_values.__dict__

    def setLocalProperty(self, key, value):
        """Sets a property of this thread, which its jobs' tasks can read; None removes it."""
        if value is None:
            self._local_properties().pop(key, None)
        else:
            self._local_properties()[key] = value

    def getLocalProperty(self, key):
        """A property of this thread, or None."""
        return self._local_properties().get(key)

    def setJobGroup(self, groupId, description, interruptOnCancel=False):
        """Has this thread's jobs belong to a group, from now on."""
        self.setLocalProperty(_DESCRIPTION, description)
        self.setLocalProperty(_GROUP, groupId)
        self.setInterruptOnCancel(interruptOnCancel)

    def setInterruptOnCancel(self, interruptOnCancel):
        """Kept as a property: workers of cancelled jobs end in any case."""
        self.setLocalProperty(_INTERRUPT, str(bool(interruptOnCancel)).lower())

    def setJobDescription(self, value):
        """Describes this thread's jobs."""
        self.setLocalProperty(_DESCRIPTION, value)

    def _tags(self):
        return [tag for tag in (self.getLocalProperty(_TAGS) or "").split(",") if tag]

    def _set_tags(self, tags):
        self.setLocalProperty(_TAGS, ",".join(tags) or None)

    @user_facing
    def addJobTag(self, tag):
        """Adds a tag to this thread's jobs. Raises on a comma."""
        _check_tag(tag)
        if tag not in self._tags():
            self._set_tags([*self._tags(), tag])

    @user_facing
    def removeJobTag(self, tag):
        """Takes a tag from this thread's jobs."""
        _check_tag(tag)
        self._set_tags([known for known in self._tags() if known != tag])

    def getJobTags(self):
        """The tags of this thread's jobs."""
        return _Tags(self._tags())

    def clearJobTags(self):
        """Takes all tags from this thread's jobs."""
        self._set_tags([])

    @user_facing
    def cancelJobGroup(self, groupId):
        """Ends the jobs of a group."""
        self._jobs.cancel("group", groupId)

    @user_facing
    def cancelJobsWithTag(self, tag):
        """Ends the jobs that have a tag."""
        _check_tag(tag)
        self._jobs.cancel("tag", tag)

    @user_facing
    def cancelAllJobs(self):
        """Ends all jobs."""
        self._jobs.cancel("all")

    @user_facing
    def statusTracker(self):
        """What answers about jobs and stages."""
        from pyspark_compat.core.status import StatusTracker

        return StatusTracker(self._jobs)


def _check_tag(tag):
    if not tag:
        raise Py4JJavaError._java("java.lang.IllegalArgumentException", "A job's tag is a string that is not empty.")
    if "," in tag:
        raise Py4JJavaError._java("java.lang.IllegalArgumentException", f"The job's tag {tag!r} has a comma.")
