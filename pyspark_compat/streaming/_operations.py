"""What a node of the graph does when the engine wants its RDD of a batch.

One class a kind of node. `fields` is what the engine is told of it, `compute(call, graph)` gives the RDD or None. All but
Queue are pickled into checkpoints, with the user's functions in them; they hold no context and no RDD.
"""
from datetime import datetime

from pyspark_compat.storagelevel import StorageLevel


def time_of(call):
    """The batch's time as users' functions get it."""
    return datetime.fromtimestamp(call["time"] / 1000.0)


class Operation:
    """A node: its kind to the engine, and the level at which its RDDs are kept."""

    kind = None
    level = None

    def fields(self):
        return {}

    def compute(self, call, graph):
        raise NotImplementedError(self.kind)


class Files(Operation):
    """New files of a folder, as lines of text, or as records of a length."""

    kind = "files"

    def __init__(self, directory, length=None):
        self.directory = directory
        self.length = length

    def fields(self):
        name = "textFileStream" if self.length is None else "binaryRecordsStream"
        return {"directory": self.directory, "newFilesOnly": True, "name": name}

    def compute(self, call, graph):
        sc = graph.sc
        if not call["paths"]:
            return sc.emptyRDD()
        paths = [exact(path) for path in call["paths"]]
        if self.length is not None:
            return sc.union([sc.binaryRecords(path, self.length) for path in paths])
        return sc.union([sc.textFile(path, 1) for path in paths])


def exact(path):
    """A path that means this file only, whatever signs are in its name."""
    special = "\\*?[]{},"
    return "file://" + "".join("\\" + c if c in special else c for c in path)


class Socket(Operation):
    """Lines that a receiver got from a socket: one partition a block."""

    kind = "socket"

    def __init__(self, host, port, level):
        self.host, self.port, self.stored = host, port, level

    def fields(self):
        return {"host": self.host, "port": self.port, "level": str(self.stored)}

    def compute(self, call, graph):
        ids = [block["id"] for block in call["blocks"]]
        if not ids:
            return graph.sc.emptyRDD()
        return graph.blocks_rdd(ids)


class Queue(Operation):
    """RDDs that the program gave, one a batch or all at once; then the default, or empty ones."""

    kind = "queue"

    def __init__(self, rdds, one_at_a_time, default):
        self.rdds, self.one_at_a_time, self.default = list(rdds), one_at_a_time, default

    def compute(self, call, graph):
        if self.rdds and self.one_at_a_time:
            return self.rdds.pop(0)
        if self.rdds:
            taken, self.rdds = self.rdds, []
            return graph.sc.union(taken)
        return self.default if self.default is not None else graph.sc.parallelize([], 1)

    def __reduce__(self):
        return (Unrestorable, ("queueStream",))


class Unrestorable(Operation):
    """What stands in a checkpoint for a stream that cannot be restored; the engine refuses it by name."""

    def __init__(self, name):
        self.name = name


class Transformed(Operation):
    """A function of the batch's time and the parent's RDD."""

    kind = "mapped"
    missing = "skip"
    slides = None

    def __init__(self, function):
        self.function = function

    def fields(self):
        return {"missing": self.missing, **({"slides": self.slides} if self.slides else {})}

    def compute(self, call, graph):
        return self.function(time_of(call), *self.parents(call, graph))

    def parents(self, call, graph):
        return [graph.rdd(token) for token in call["tokens"]]


class TransformedWith(Transformed):
    """A function of the time and two parents' RDDs; a parent without an RDD gives an empty one."""

    missing = "null"
    slides = "first"

    def parents(self, call, graph):
        return [graph.sc.emptyRDD() if token is None else graph.rdd(token) for token in call["tokens"]]


class TransformedAll(Transformed):
    """A function of the time and all parents' RDDs, which must be there."""

    missing = "fail"


class Windowed(Operation):
    """The union of the parent's RDDs in a window."""

    kind = "windowed"

    def __init__(self, window, slide):
        self.window, self.slide = window, slide

    def fields(self):
        return {"windowMs": self.window, "slideMs": self.slide}

    def compute(self, call, graph):
        rdds = [graph.rdd(token) for token in call["tokens"]]
        return graph.sc.union(rdds) if rdds else graph.sc.emptyRDD()


class State(Operation):
    """A state a key, updated with each batch's values."""

    kind = "state"
    level = StorageLevel.MEMORY_ONLY

    def __init__(self, function, partitions, initial):
        self.function, self.partitions, self.initial = function, partitions, initial

    def compute(self, call, graph):
        from pyspark_compat_worker.rdd_steps_stream import UpdateState

        came = graph.placed(graph.rdd(call["tokens"][0]), self.partitions)
        known = graph.rdd(call["previous"])
        first = known is None and self.initial is not None
        if first:
            known = graph.placed(graph.initial(self), self.partitions)
        parents = [came] if known is None else [known, came]
        return graph.zipped(UpdateState(self.function, first), parents, self.partitions)

    def __getstate__(self):
        return {**self.__dict__, "initial": None if self.initial is None else self.initial.pickled()}


class Reduced(Operation):
    """A value a key over a window: what came is merged in, what left is taken out again by the inverse."""

    kind = "reduced"
    level = StorageLevel.MEMORY_ONLY

    def __init__(self, function, inverse, kept, window, slide, partitions):
        self.function, self.inverse, self.kept = function, inverse, kept
        self.window, self.slide, self.partitions = window, slide, partitions

    def fields(self):
        return {"windowMs": self.window, "slideMs": self.slide, "inverse": True}

    def compute(self, call, graph):
        from pyspark_compat_worker.rdd_steps_stream import SlideWindow

        known = graph.rdd(call["previous"])
        left, came = ([graph.placed(graph.rdd(token), self.partitions) for token in call[side]] for side in ("left", "came"))
        if known is None and not came:
            return None
        parents = left + came if known is None else [known, *left, *came]
        step = SlideWindow(self.function, self.inverse, self.kept, known is not None, len(left))
        return graph.zipped(step, parents, self.partitions)
