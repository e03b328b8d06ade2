"""Steps on pairs: what writes a shuffle's blocks on the map side, and what combines them behind it."""
from collections import defaultdict
from operator import index

from .elements import blocks
from .rdd_hash import PLAIN, hash_of, portable_hash
from .rdd_lists import ResultIterable
from .rdd_memory import Meter
from .rdd_merging import Merger, looks

_ROUND = 16 << 20   # bytes that a writer holds, about, before it gives them out
PIECE = 1 << 20    # bytes of a block, about


class PartitionWriter:
    """Gives each pair to the partition of its key."""

    def __init__(self, function, partitions, limit):
        self.function, self.partitions, self.limit = function, partitions, limit

    def __call__(self, split, flow):
        buckets = Buckets(self.function, self.partitions)
        meter, held, most = Meter(self.limit), 0, max(10 * self.partitions, 10_000)
        for part in looks(flow):
            held += buckets.add(part)
            if held >= most or meter.full():
                size = 0
                for block in buckets.empty():
                    size += len(block[1])
                    yield block
                if meter.full():
                    meter.relieved()
                if size:
                    most = max(min(int(held * _ROUND / size), most * 4), 1000)
                held = 0
        yield from buckets.empty()


class CombineWriter:
    """Combines values by key, and gives each key with its combined value to its partition.

    What does not fit into memory is given out as it stands: the reduce side combines it with the rest.
    """

    def __init__(self, how, function, partitions, limit):
        self.how, self.function, self.partitions, self.limit = how, function, partitions, limit

    def __call__(self, split, flow):
        buckets = Buckets(self.function, self.partitions, self.how.cut if self.how.shrinks else None)
        meter, data, take = Meter(self.limit // 2), {}, self.how.take_values
        for part in looks(flow):
            take(data, part)
            if meter.full() and data:
                buckets.add(data.items())
                data.clear()
                yield from buckets.empty()
                meter.relieved()
        buckets.add(data.items())
        data.clear()
        yield from buckets.empty()


class Buckets:
    """Pairs by partition, given out as blocks. `cut` cuts pairs with long lists of values."""

    def __init__(self, function, partitions, cut=None):
        self._function, self._partitions, self._cut = function, partitions, cut
        self._lists = defaultdict(list)  # there may be more partitions than pairs

    def add(self, pairs):
        """Takes pairs and says how many there were."""
        count, function, lists, before = self._partitions, self._function, self._lists, self._held()
        if function is portable_hash:
            portable_hash(None)  # raises where no seed is set
            for key, value in pairs:
                lists[(hash(key) if type(key) in PLAIN else hash_of(key)) % count].append((key, value))
        else:
            for key, value in pairs:
                lists[function(key) % count].append((key, value))
        return self._held() - before

    def _held(self):
        return sum(map(len, self._lists.values()))

    def empty(self):
        """Gives what is held: (partition, block)."""
        lists, self._lists = self._lists, defaultdict(list)
        while lists:
            partition, pairs = lists.popitem()
            if self._cut:
                pairs = list(self._cut(pairs))
            for block in blocks(pairs, PIECE):
                yield index(partition), block


class MergeCombined:
    """Combines the combined values of a key; each key comes once."""

    def __init__(self, how, limit):
        self.how, self.limit = how, limit

    def __call__(self, split, flow):
        merger = Merger(self.how, self.limit)
        merger.merge_combined(flow)
        return merger.items()


class Combine:
    """Combines values by key where a partition has all of a key's pairs already."""

    def __init__(self, how, limit):
        self.how, self.limit = how, limit

    def __call__(self, split, flow):
        merger = Merger(self.how, self.limit)
        merger.merge_values(flow)
        return merger.items()


class Grouped:
    """Each key's values as groupByKey gives them."""

    f = "groupByKey"

    def over(self, flow):
        return ((key, ResultIterable(values)) for key, values in flow)


class Joined:
    """The pairs of a key's values of two RDDs; a side that may lack gives None where it has no value."""

    f = "join"

    def __init__(self, left_may_lack, right_may_lack):
        self.left, self.right = left_may_lack, right_may_lack

    def over(self, flow):
        for key, values in flow:
            sides = ([], [])
            for number, value in values:
                sides[number].append(value)
            left, right = sides
            if not left and self.left:
                left.append(None)
            if not right and self.right:
                right.append(None)
            for value in left:
                for other in right:
                    yield key, (value, other)


class Cogrouped:
    """A key's values of each RDD."""

    f = "cogroup"

    def __init__(self, count):
        self.count = count

    def over(self, flow):
        for key, values in flow:
            sides = [[] for _ in range(self.count)]
            for number, value in values:
                sides[number].append(value)
            yield key, tuple(map(ResultIterable, sides))


class OfKey:
    """The pairs of one key."""

    f = "lookup"

    def __init__(self, key):
        self.key = key

    def over(self, flow):
        key = self.key
        return (pair for pair in flow if pair[0] == key)


class PartitionOf:
    """The partition of a key."""

    def __init__(self, partitioner, key):
        self.partitioner, self.key = partitioner, key

    def __call__(self, split, flow):
        return iter([self.partitioner(self.key)])


def first_of(one, other):
    return one


def on_all_sides(pair):
    """Whether a cogrouped key has values on all sides."""
    return all(pair[1])


def on_left_side(pair):
    """Whether a cogrouped key has values on the left side only."""
    left, right = pair[1]
    return left and not right


def left_side(sides):
    return sides[0]
