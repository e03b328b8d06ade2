"""Combining values by key, grouping and sorting in bounded memory, with PySpark's class names."""
import operator

from pyspark_compat.util import fail_on_stopiteration
from pyspark_compat_worker import rdd_merging, rdd_sorting

MB = 1 << 20
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
    """Combines pairs by key in bounded memory. The limit is in MB."""

    def __init__(self, aggregator, memory_limit=512, serializer=None, localdirs=None, scale=1, partitions=59,
                 batch=1000):
        super().__init__(aggregator)
        self.memory_limit = memory_limit
        self._merger = rdd_merging.Merger(self._how(), int(memory_limit * MB))

    def _how(self):
        return rdd_merging.Combiner(self.agg.createCombiner, self.agg.mergeValue, self.agg.mergeCombiners)

    def mergeValues(self, iterator):
        self._merger.merge_values(iterator)

    def mergeCombiners(self, iterator, limit=None):
        self._merger.merge_combined(iterator)

    def items(self):
        return self._merger.items()


class ExternalGroupBy(ExternalMerger):
    """Collects the values of each key in a list, long ones in a file."""

    def _how(self):
        return rdd_merging.Grouper()


class ExternalSorter:
    """Sorts values in bounded memory. The limit is in MB."""

    def __init__(self, memory_limit, serializer=None):
        self.memory_limit = memory_limit

    def sorted(self, iterator, key=None, reverse=False):
        return rdd_sorting.sorted_within(iterator, key, reverse, int(self.memory_limit * MB))


class GroupByKey:
    """Groups pairs that are sorted by key."""

    def __init__(self, iterator):
        self.iterator = iterator

    def __iter__(self):
        from itertools import groupby

        for key, pairs in groupby(self.iterator, key=operator.itemgetter(0)):
            yield key, [value for _, value in pairs]
