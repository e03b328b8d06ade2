"""Jobs on RDDs: what a SparkContext runs in the engine."""
import itertools
import os
import pickle
import threading

from pyspark_compat import _native
from pyspark_compat.core._lineage import Description, call_site
from pyspark_compat.errors import PySparkException
from pyspark_compat_worker.captured import Py4JJavaError

_calls = itertools.count()  # by which jobs are named to the engine
_CALL_SITE = "callSite.short"  # the local property that names an action, where it is set


class Jobs:
    """The jobs of one SparkContext. Everything in here is for any thread."""

    def __init__(self, context):
        self._context = context
        self._session = context._engine.session
        self._lock = threading.RLock()  # what one request tells the engine, no other tells too; listing payloads may run a job

    def run(self, node, task, partitions, *, first=None, raw=False):
        """Runs `task(split, iterator)` on partitions of a node: an iterator of (index into partitions, list of elements).

        A partition's lists come in order; those of different partitions as they are made. A task of None gives the elements
        themselves. A raw task gives bytes, and each comes as (index, bytes). The job starts with the first step of the iterator,
        is over once `first` elements were given, and ends when the iterator is closed.
        """
        return self._results(node, task, partitions, first, raw=raw)

    def collect(self, node, task, partitions):
        """The elements that a job gives, in the order of the partitions."""
        partitions = list(partitions)
        found = [[] for _ in partitions]
        for index, elements in self.run(node, task, partitions):
            found[index] += elements
        return [element for part in found for element in part] if len(found) != 1 else found[0]

    def store(self, node, folder):
        """Writes the elements of all partitions as files of blocks, part-00000 and so on, in a folder, which is made.

        `node.checkpointed(folder)` then makes the node read them.
        """
        os.makedirs(folder, exist_ok=True)
        for _ in self._results(node, None, range(node.partitions), folder=str(folder)):
            pass
        names = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(names)
        finally:
            os.close(names)

    def prepare(self, node, task, partitions=None, *, raw=False):
        """Tells the engine of a node: the body and the attachments of a job on it that may be started again and again."""
        with self._lock:
            self._tell(node)
        description = Description(self, pickled)
        return self._request(description, node, task, range(node.partitions) if partitions is None else partitions, raw=raw), \
            description.attachments

    def flush(self):
        """Tells the engine what was unpersisted and what nobody names any more, without waiting for the next job."""
        with self._lock:
            self._tell(None)

    def unpersist(self, node):
        """Lets go of what is kept of a node's elements."""
        node.level = None
        self.flush()

    def stored(self, node):
        """How much of a node's elements is kept: partitions, bytes in memory, bytes in files; None before the first job."""
        if node._jobs is None:
            return None
        found = self._do("rdd.stored", {"node": node.id})
        return found["partitions"], found["memory"], found["disk"]

    def cancel(self, kind, value=None, reason=None):
        """Ends jobs: all, or by job id, group or tag."""
        request = {"kind": kind, "reason": reason or _REASONS[kind].format(value)}
        if kind == "job":
            request["id"] = int(value)
        elif value is not None:
            request["value"] = value
        self._do("rdd.cancel", request)

    def status(self, kind, **arguments):
        """What the engine knows of jobs and stages: kind is group, jobs, stages, job, stage or executor."""
        found = self._do("rdd.status", {"kind": kind, **arguments})
        return [] if found is None and kind in ("group", "jobs", "stages") else found

    def drain(self):
        """What functions have added to accumulators since the last call: a pickle a task."""
        return _native.do(self._session, "accumulators.drain")[1]

    def _do(self, op, request):
        return _native.do(self._session, op, request)[0]

    def _results(self, node, task, partitions, first=None, raw=False, folder=""):
        call, over = next(_calls), False
        try:
            self._start(call, node, task, partitions, raw=raw, folder=folder)
            while not over:
                answer, parts = _native.do(self._session, "rdd.next", {"call": call})
                over = answer["over"]
                for index, part in answer["results"]:
                    if part < 0:
                        continue
                    elements = parts[part] if raw else pickle.loads(parts[part])
                    yield index, elements
                    if first is not None:
                        first -= len(elements)
                        if first <= 0:
                            return
        except PySparkException as error:
            over = True
            if self._context._stopped and getattr(error, "_engine_class", None) != "Py4JJavaError":  # the class of what a job says
                raise _shut_down() from None
            raise
        finally:
            if not over:
                self._end(call)

    def _end(self, call):
        """Ends a job, which the engine may have ended, or an interrupt kept from starting."""
        if _native.loaded() and not self._context._stopped:
            self._do("rdd.end", {"call": call})

    def _start(self, call, node, task, partitions, **more):
        with self._lock:
            description = Description(self, pickled)
            told = description.add(node)
            request = {"call": call, **description.body, **self._request(description, node, task, partitions, **more)}
            _native.do(self._session, "rdd.run", request, description.attachments)
            for known in told:
                known.known_to(self)

    def _tell(self, node):
        """Tells the engine of a node, and what there is to tell besides. The lock is held."""
        description = Description(self, pickled)
        told = description.add(node)
        if any(description.body.values()):
            _native.do(self._session, "rdd.define", description.body, description.attachments)
        for known in told:
            known.known_to(self)

    def _request(self, description, node, task, partitions, raw=False, folder=""):
        properties = {key: str(value) for key, value in self._context._local_properties().items() if value is not None}
        name = properties.setdefault(_CALL_SITE, call_site())
        return {"node": node.id, "function": description.attach_pickle(task), "partitions": list(partitions), "raw": raw,
                "folder": folder, "name": name, "properties": properties}


def _shut_down():
    return Py4JJavaError._java("org.apache.spark.SparkException", (
        "Job cancelled because SparkContext was shut down. What it had not given is lost: stop the context once its jobs are done."))


_REASONS = {"all": "as part of cancellation of all jobs", "job": "part of a call to cancel it", "group": "part of cancelled job group {}",
            "tag": "part of cancelled job tags {}"}


def pickled(value):
    """The pickle of a step, or of elements that the driver has. What cannot be pickled raises as PySpark's serializer does."""
    from pyspark_compat._pickling import dumps

    try:
        return dumps(value)
    except pickle.PickleError:
        raise
    except Exception as error:
        if type(error).__name__ == "Py4JJavaError":
            raise
        from pyspark_compat._culprit import culprit

        failure = pickle.PicklingError(f"Could not serialize object: {type(error).__name__}: {error}")
        said = culprit(value)
        if said:
            failure.add_note(f"{said[0].upper()}{said[1:]}. Make it inside the function, or pass only what can be pickled.")
        raise failure from error
