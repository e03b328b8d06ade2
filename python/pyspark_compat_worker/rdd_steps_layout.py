"""Steps on more than one partition: pairs of two RDDs, running numbers, and spreading elements evenly."""
from collections import defaultdict
from itertools import chain, count, islice, product

from .elements import blocks, dumps
from .rdd_start import first_place
from .rdd_steps_pairs import PIECE

_TEN = 10        # elements that repartition moves together
_KEPT = 100_000  # elements of the second RDD that cartesian keeps; more are computed again and again
_HELD = 50_000   # elements that a spreading writer holds
_FULL = 1 << 16  # bytes of a batch that has grown to its size


def batches(flow, size):
    """The elements in lists as PySpark's serializers cut them: `size` each, all at once (-1), or growing from one (0)."""
    flow = iter(flow)
    if size < 0:
        yield list(flow)
        return
    growing = size == 0
    size = size or 1
    while batch := list(islice(flow, size)):
        yield batch
        if growing and len(dumps(batch)) < _FULL:
            size *= 2
        else:
            growing = False


class Concat:
    """All inputs, one behind another."""

    def __call__(self, split, inputs):
        return chain.from_iterable(read() for read in inputs)


class Cartesian:
    """All pairs, batch by batch of both sides."""

    def __init__(self, left, right):
        self.left, self.right = left, right

    def __call__(self, split, inputs):
        left, right = inputs
        return chain.from_iterable(self._products(left, right))

    def _products(self, left, right):
        kept, whole = [], False
        for batch in batches(left(), self.left):
            if whole:
                yield from (product(batch, other) for other in kept)
                continue
            kept, held, whole = [], 0, True
            for other in batches(right(), self.right):
                held += len(other)
                if held <= _KEPT:
                    kept.append(other)
                else:
                    kept, whole = [], False
                yield product(batch, other)


OTHER_BATCHES = "Can only zip RDDs with same number of elements in each partition"


def _count(iterator):
    return sum(1 for _ in iterator)


class Zip:
    """Pairs of the elements at the same places of two RDDs that are cut into batches of one size."""

    def __init__(self, size):
        self.size = size

    def __call__(self, split, inputs):
        return chain.from_iterable(self._pairs(*inputs))

    def _pairs(self, left, right):
        left, right = batches(left(), self.size), batches(right(), self.size)
        while True:
            mine, other = next(left, None), next(right, None)
            if mine is None and other is None:
                return
            if mine is None or other is None or len(mine) != len(other) and _count(left) != _count(right):
                raise ValueError(OTHER_BATCHES)
            if len(mine) != len(other):
                raise ValueError("Can not deserialize PairRDD with different number of items in batches: (%d, %d)" % (
                    len(mine), len(other)))
            yield zip(mine, other)


class Numbered:
    """Each element with its number; partition p's numbers begin at starts[p]."""

    def __init__(self, starts):
        self.starts = starts

    def __call__(self, split, flow):
        return zip(flow, count(self.starts[split]))


class UniquelyNumbered:
    """Each element with a number that no other partition gives."""

    def __init__(self, partitions):
        self.partitions = partitions

    def __call__(self, split, flow):
        return zip(flow, count(split, self.partitions))


class SpreadWriter:
    """Gives ten elements to each partition in turn, beginning where chance has it for this partition."""

    def __init__(self, partitions):
        self.partitions = partitions

    def __call__(self, split, flow):
        place, flow, held = first_place(split, self.partitions), iter(flow), 0
        lists = defaultdict(list)
        while ten := list(islice(flow, _TEN)):
            place += 1
            lists[place % self.partitions] += ten
            held += len(ten)
            if held >= _HELD:
                yield from _given(lists)
                held = 0
        yield from _given(lists)


def _given(lists):
    while lists:
        partition, values = lists.popitem()
        for block in blocks(values, PIECE):
            yield partition, block
