"""Jobs on RDDs: what a SparkContext runs in the engine."""
import pickle
import threading

from pyspark_compat import _native
from pyspark_compat.core._lineage import Description


class Jobs:
    """The jobs of one SparkContext."""

    def __init__(self, context):
        self._context = context
        self._session = context._engine.session
        self._lock = threading.Lock()  # what one request tells the engine, no other tells too

    def run(self, node, task, partitions, *, first=None):
        """Runs `task(split, iterator)` on partitions of a node: an iterator of (index into partitions, list of elements).

        A partition's lists come in order; those of different partitions as they are made. A task of None gives the elements
        themselves. The job is over once `first` elements were given, and ends when the iterator is closed.
        """
        job = self._start(node, task, partitions)
        try:
            over = False
            while not over:
                answer, parts = _native.do(self._session, "rdd.next", {"job": job})
                over = answer["over"]
                for index, part in answer["results"]:
                    if part < 0:
                        continue
                    elements = pickle.loads(parts[part])
                    yield index, elements
                    if first is not None:
                        first -= len(elements)
                        if first <= 0:
                            return
            job = None
        finally:
            if job is not None and _native.loaded():
                _native.do(self._session, "rdd.end", {"job": job})

    def collect(self, node, task, partitions):
        """The elements that a job gives, in the order of the partitions."""
        partitions = list(partitions)
        found = [[] for _ in partitions]
        for index, elements in self.run(node, task, partitions):
            found[index] += elements
        return [element for part in found for element in part] if len(found) != 1 else found[0]

    def drain(self):
        """What runs have added to accumulators since the last call, as pickles."""
        return []

    def _start(self, node, task, partitions, folder=""):
        with self._lock:
            description = Description(self, _pickled)
            told = description.add(node)
            request = {**description.body, "node": node.id, "function": description.attach_pickle(task),
                       "partitions": list(partitions), "folder": folder, "properties": self._properties()}
            job = _native.do(self._session, "rdd.run", request, description.attachments)[0]["job"]
            for known in told:
                known._jobs = self
        return job

    def _properties(self):
        return {key: str(value) for key, value in self._context._local_properties().items() if value is not None}


def _pickled(value):
    from pyspark_compat._pickling import dumps

    return dumps(value)
