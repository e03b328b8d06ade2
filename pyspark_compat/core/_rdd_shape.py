"""How an RDD shows itself: PySpark's names, numbers and lineage text."""
import sys
import weakref

from pyspark_compat.storagelevel import StorageLevel

PYTHON, VALUES = "RDD at PythonRDD.scala:59", "mapPartitions at PythonRDD.scala:197"
COLLECTION = "readRDDFromFile at PythonRDD.scala:326"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def by_java(method):
    """The place of a call that PySpark makes through Py4J."""
    return f"{method} at NativeMethodAccessorImpl.java:0"


class Shape:
    """One line of a lineage: kind, number and place, and the shapes beneath it, each with whether a shuffle lies between."""

    def __init__(self, id, kind, place, partitions, beneath=(), node=None):
        self.id, self.kind, self.place, self._partitions, self.beneath = id, kind, place, partitions, list(beneath)
        # the node has its shape: a circle would keep files of what nobody names until some collection of garbage
        self._node = None if node is None else weakref.ref(node)

    @property
    def node(self):
        """Whose shape this is, while it lives."""
        return None if self._node is None else self._node()

    @property
    def partitions(self):
        """How many partitions it has; of files, that is known once they are listed."""
        node = self.node
        return node.partitions if self._partitions is None and node is not None else self._partitions or 0

    def __str__(self):
        name = self.node.name if self.node is not None else None
        return f"{name + ' ' if name else ''}{self.kind}[{self.id}] at {self.place}"


def shape_of(node):
    """A node's shape; one that was made without is a source or a union."""
    pending = [node]
    while pending:  # a lineage may be deeper than Python's stack
        top = pending[-1]
        lacking = [parent.node for parent in top.parents if parent.node.shape is None] if top.shape is None else ()
        if lacking:
            pending += lacking
            continue
        pending.pop()
        if top.shape is None:
            top.shape = _made_without(top)
    return node.shape


def _made_without(node):
    beneath = [(parent.node.shape, False) for parent in node.parents]
    if beneath:
        kind, place = "UnionRDD", by_java("union")
    else:
        kind, place = ("ParallelCollectionRDD", COLLECTION) if node.partitions else ("EmptyRDD", by_java("emptyRDD"))
    return Shape(node.id, kind, place, node.partitions, beneath, node)


def call_site():
    """"function at file:line" of the user's call that led here."""
    package, frame, calls = __name__.partition(".")[0], sys._getframe(1), []
    while frame is not None:
        calls.append(frame)
        frame = frame.f_back
    called = None
    for frame in calls:
        if frame.f_globals.get("__name__", "").partition(".")[0] == package:
            called = frame
        elif called is not None:
            return f"{called.f_code.co_name} at {frame.f_code.co_filename}:{frame.f_lineno}"
    return "<unknown>"


def level_text(level):
    """A storage level in Spark's words; nothing for none."""
    if level is None or level == StorageLevel.NONE:
        return ""
    words = [word for word, used in (("Disk", level.useDisk), ("Memory", level.useMemory and not level.useOffHeap),
                                     ("Memory (off heap)", level.useOffHeap)) if used]
    words.append("Deserialized" if level.deserialized else "Serialized")
    return " ".join(words) + f" {level.replication}x Replicated"


def lineage(shape, stored):
    """The lines of a lineage. `stored(node)` gives (partitions, bytes in memory, bytes on disk) of what is kept, or None."""
    return "\n".join(_Text(stored, level_text(shape.node.level)).first(shape))


class _Text:
    def __init__(self, stored, level):
        self._stored, self._level = stored, level

    def _own(self, shape):
        lines = [f"{shape} [{self._level}]"]
        kept = self._stored(shape.node) if shape.node is not None and shape.node.level is not None else None
        if kept and kept[0]:
            lines.append("    CachedPartitions: %d; MemorySize: %s; DiskSize: %s" % (kept[0], _size(kept[1]), _size(kept[2])))
        return lines

    def first(self, shape):
        count = f"({shape.partitions})"
        bar = _bar(count)
        head, *rest = self._own(shape)
        lines = [f"{count} {head}", *(f"{bar} {line}" for line in rest)]
        pending = _beneath(shape, bar)
        while pending:  # a lineage may be deeper than Python's stack
            below, shuffled, prefix, last = pending.pop()
            if shuffled:
                more, prefix = self._behind_shuffle(below, prefix, last)
            else:
                more = [prefix + line for line in self._own(below)]
            lines += more
            pending += _beneath(below, prefix)
        return lines

    def _behind_shuffle(self, shape, prefix, last):
        count = f"({shape.partitions})"
        stem = prefix.rstrip()
        stem = stem[:-1] if stem.endswith("|") and stem != prefix else prefix
        bar = stem + ("  " if last else "| ") + _bar(count)
        head, *rest = self._own(shape)
        return [f"{stem}+-{count} {head}", *(bar + line for line in rest)], bar


def _beneath(shape, prefix):
    """What lies beneath, the first one last: (shape, whether behind a shuffle, prefix, whether it is the last of them)."""
    last = len(shape.beneath) - 1
    return [(below, shuffled, prefix, at == last) for at, (below, shuffled) in enumerate(shape.beneath)][::-1]


def _bar(count):
    """The stroke beneath a number of partitions."""
    left = (len(count) - 1) // 2
    return " " * left + "|" + " " * (len(count) - left)


def _size(count):
    size, unit = float(count), 0
    while size >= 2048 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {_UNITS[unit]}"
