"""The lineage of RDDs: nodes that say how partitions are computed. They are Python's only until a job needs them."""
import itertools
import os
import sys
from collections import deque

__all__ = ["Lists", "Node", "One", "Shuffle"]

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_shuffles = itertools.count()
_gone = deque()     # (context's Jobs, "nodes" or "shuffles", id): finalizers note them here, the next job tells the engine
_changed = deque()  # nodes whose level or checkpoint was set after the engine knew them


def call_site():
    """Where the user's code called ours: "collect at FILE:LINE"."""
    frame, name = sys._getframe(1), "job"
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        if frame.f_code.co_name[0] not in "_<":
            name = frame.f_code.co_name
        frame = frame.f_back
    return name if frame is None else f"{name} at {frame.f_code.co_filename}:{frame.f_lineno}"


class Node:
    """One RDD as the engine sees it.

    `step(split, inputs)` gives an iterator of a partition's elements and runs in a worker. `inputs` are callables, one for
    each parent partition, that each give a fresh iterator; the last one gives the partition's payload, if there are any.
    Without a step the payload is the elements: pickled lists, one behind another.
    """

    shape = None  # how it shows itself, once that is known
    _jobs = None  # which told the engine of it

    def __init__(self, id, partitions, step, parents=(), payloads=None, *, barrier=False):
        self.id, self.partitions, self.step, self.parents, self.payloads = id, partitions, step, list(parents), payloads
        self.barrier = barrier
        self.callsite = call_site()
        self.name = self.checkpoint_path = None
        self._level = None

    @property
    def level(self):
        """The StorageLevel that the elements are kept at once they are computed, or None."""
        return self._level

    @level.setter
    def level(self, level):
        self._level = level
        if self._jobs is not None:
            _changed.append(self)

    def checkpointed(self, path):
        """Says that the elements lie in a folder (Jobs.store wrote it): parents and step are let go."""
        self.checkpoint_path = path
        self.parents, self.step, self.payloads = [], None, None
        if self._jobs is not None:
            _changed.append(self)

    def known_to(self, jobs):
        """Notes who told the engine of it, which has the payloads now."""
        self._jobs, self.payloads = jobs, None

    def __del__(self):
        if self._jobs is not None:
            _gone.append((self._jobs, "nodes", self.id))


class One:
    """A parent of which partition p reads partition p."""

    def __init__(self, node):
        self.node = node


class Lists:
    """A parent of which partition first + i reads the partitions lists[i], each as an input of its own, and others none."""

    def __init__(self, node, lists, first=0):
        self.node, self.lists, self.first = node, lists, first


class Shuffle:
    """A parent whose elements are exchanged: `writer(split, iterator)` gives (partition, block) pairs on the map side.

    Partition p has one input, the elements of all its blocks in the order of the map partitions. What was written is kept
    for as long as this object.
    """

    def __init__(self, node, writer, partitions):
        self.node, self.writer, self.partitions = node, writer, partitions
        self.id = next(_shuffles)
        self._jobs = None

    def known_to(self, jobs):
        """Notes who told the engine of it."""
        self._jobs = jobs

    def __del__(self):
        if self._jobs is not None:
            _gone.append((self._jobs, "shuffles", self.id))


class Description:
    """What a request tells the engine of nodes that it does not know, of changes, and of what nobody names any more."""

    def __init__(self, jobs, pickle):
        self._jobs, self._pickle = jobs, pickle
        self.attachments = []
        self.body = {"nodes": [], "changes": [], "forget": [], "shuffles": []}

    def attach(self, part):
        self.attachments.append(part)
        return len(self.attachments) - 1

    def attach_pickle(self, value):
        """The number of a value's pickle, or -1 for None."""
        return -1 if value is None else self.attach(self._pickle(value))

    def add(self, node):
        """Describes a node and all that it needs, parents first, and gives them; nothing is told until the engine has it.

        Without a node only what was noted is described. What cannot be pickled raises.
        """
        told = []
        if node is None:
            self._gather()
            return told
        pending, seen = [(node, False)], set()
        while pending:  # a lineage may be deeper than Python's stack
            node, ready = pending.pop()
            if ready:
                self.body["nodes"].append(self._describe(node, told))
                told.append(node)
            elif node._jobs is None and node.id not in seen:
                seen.add(node.id)
                pending.append((node, True))
                pending.extend((parent.node, False) for parent in reversed(node.parents))
        self._gather()  # last: what raised above has taken nothing up
        return told

    def _describe(self, node, told):
        known = {"id": node.id, "partitions": node.partitions, "step": self.attach_pickle(node.step), "parents": []}
        known["name"] = node.callsite
        payloads = node.payloads  # may be listed only now
        if payloads is not None:
            known["payloads"] = [self.attach(part) for part in payloads]
        if node.barrier:
            known["barrier"] = True
        if node._level is not None:
            known["level"] = _level(node._level)
        for parent in node.parents:
            described = {"node": parent.node.id}
            if isinstance(parent, Lists):
                described["lists"], described["first"] = [list(own) for own in parent.lists], parent.first
            elif isinstance(parent, Shuffle):
                described["shuffle"] = {"id": parent.id, "partitions": parent.partitions,
                                        "writer": -1 if parent._jobs else self.attach_pickle(parent.writer)}
                told.append(parent)
            known["parents"].append(described)
        if node.checkpoint_path is not None:
            self.body["changes"].append({"node": node.id, "checkpoint": node.checkpoint_path})
        return known

    def _gather(self):
        """Takes up what finalizers and setters have noted."""
        for noted, take in ((_gone, self._forget), (_changed, self._change)):
            for _ in range(len(noted)):
                try:
                    take(noted.popleft())
                except IndexError:
                    break

    def _forget(self, gone):
        jobs, kind, number = gone
        if jobs is self._jobs:
            self.body["forget" if kind == "nodes" else "shuffles"].append(number)

    def _change(self, node):
        if node._jobs is self._jobs:
            self.body["changes"].append({"node": node.id, "level": _level(node._level), "checkpoint": node.checkpoint_path or ""})


def _level(level):
    if level is None:
        return {"memory": False, "disk": False}
    return {"memory": level.useMemory or level.useOffHeap, "disk": level.useDisk}
