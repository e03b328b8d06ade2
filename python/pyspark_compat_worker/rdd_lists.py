"""Lists that may lie in a file, and what groupByKey gives for the values of a key."""
from collections.abc import Iterable
from itertools import chain

from .rdd_memory import Blocks


class LongList:
    """A list that only grows: its first part lies in a file, the rest in memory. Pickled, it is one list."""

    __slots__ = ("_blocks", "_count", "_rest")

    def __init__(self, values):
        self._rest, self._blocks, self._count = values, None, 0

    def append(self, value):
        self._rest.append(value)

    def extend(self, values):
        self._rest.extend(values)

    def spill(self):
        """Moves what is in memory to the file."""
        if self._blocks is None:
            self._blocks = Blocks()
        self._blocks.write(self._rest)
        self._count += len(self._rest)
        self._rest = []

    def __iter__(self):
        if self._blocks is None:
            return iter(self._rest)
        return chain(chain.from_iterable(self._blocks.read()), self._rest)

    def __len__(self):
        return self._count + len(self._rest)

    def __reduce__(self):
        return LongList, (list(self),)


class ResultIterable(Iterable):
    """The values of a key: iterable more than once, with a length."""

    __module__ = "pyspark_compat.resultiterable"  # as it shows itself; its pickles name this module, which workers have

    def __init__(self, data):
        self.data = data
        self.index = 0
        self.maxindex = len(data)

    def __iter__(self):
        return iter(self.data)

    def __len__(self):
        return len(self.data)

    def __reduce__(self):
        return result, (self.data,)


def result(data):
    """The values of a key, by a name that workers know."""
    return ResultIterable(data)
