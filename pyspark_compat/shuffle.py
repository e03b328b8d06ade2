"""Combining values by key in memory, with PySpark's class names. Data that outgrows memory is the engine's to spill."""
import operator

from pyspark_compat.util import fail_on_stopiteration

MemoryBytesSpilled = 0
DiskBytesSpilled = 0


def get_used_memory():
    """The resident memory of this process, in MB."""
    with open("/proc/self/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) >> 10
    return 0


class Aggregator:
    """How values of one key are combined: the first value, each next one, two combined ones."""

    def __init__(self, createCombiner, mergeValue, mergeCombiners):
        self.createCombiner = fail_on_stopiteration(createCombiner)
        self.mergeValue = fail_on_stopiteration(mergeValue)
        self.mergeCombiners = fail_on_stopiteration(mergeCombiners)


class SimpleAggregator(Aggregator):
    """An aggregator of one function."""

    def __init__(self, combiner):
        super().__init__(lambda x: x, combiner, combiner)


class Merger:
    """Combines pairs by key."""

    def __init__(self, aggregator):
        self.agg = aggregator

    def mergeValues(self, iterator):
        raise NotImplementedError

    def mergeCombiners(self, iterator):
        raise NotImplementedError

    def items(self):
        raise NotImplementedError


class ExternalMerger(Merger):
    """Combines pairs by key in a dict."""

    def __init__(self, aggregator, memory_limit=512, serializer=None, localdirs=None, scale=1, partitions=59,
                 batch=1000):
        super().__init__(aggregator)
        self.memory_limit = memory_limit
        self.data = {}

    def mergeValues(self, iterator):
        data, create, merge = self.data, self.agg.createCombiner, self.agg.mergeValue
        for key, value in iterator:
            data[key] = merge(data[key], value) if key in data else create(value)

    def mergeCombiners(self, iterator, limit=None):
        data, merge = self.data, self.agg.mergeCombiners
        for key, value in iterator:
            data[key] = merge(data[key], value) if key in data else value

    def items(self):
        return iter(self.data.items())


class ExternalGroupBy(ExternalMerger):
    """Collects the values of each key in a list."""


class ExternalSorter:
    """Sorts values."""

    def __init__(self, memory_limit, serializer=None):
        self.memory_limit = memory_limit

    def sorted(self, iterator, key=None, reverse=False):
        return iter(sorted(iterator, key=key, reverse=reverse))


class GroupByKey:
    """Groups pairs that are sorted by key."""

    def __init__(self, iterator):
        self.iterator = iterator

    def __iter__(self):
        from itertools import groupby

        for key, pairs in groupby(self.iterator, key=operator.itemgetter(0)):
            yield key, [value for _, value in pairs]
