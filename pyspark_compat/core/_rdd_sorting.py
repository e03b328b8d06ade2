"""RDD methods that sort."""
from pyspark_compat_worker import rdd_samplers, rdd_sorting, rdd_steps
from pyspark_compat_worker.rdd_hash import portable_hash


def _same(key):
    return key


_SAMPLES = 20.0  # keys sampled for each partition


class Sorting:
    """Sorted RDDs: ranges of keys by partition, each sorted in its partition."""

    def _sorted_within(self, ascending, keyfunc):
        limit = (self._memory_limit() << 20) * 9 // 10
        return self._then(rdd_sorting.SortPairs(None if keyfunc is _same else keyfunc, ascending, limit), True)

    def repartitionAndSortWithinPartitions(self, numPartitions=None, partitionFunc=portable_hash, ascending=True,
                                           keyfunc=_same):
        """The pairs in the partitions that a function of their keys gives, sorted in each."""
        return self.partitionBy(numPartitions, partitionFunc)._sorted_within(ascending, keyfunc)

    def sortByKey(self, ascending=True, numPartitions=None, keyfunc=_same):
        """The pairs sorted by their keys. Samples the keys at once, to cut them into even ranges."""
        count = self._defaultReducePartitions() if numPartitions is None else numPartitions
        if count == 1:
            whole = self.coalesce(1) if self.getNumPartitions() > 1 else self
            return whole._sorted_within(ascending, keyfunc)
        size = self.count()
        if not size:
            return self
        fraction = min(count * _SAMPLES / max(size, 1), 1.0)
        sample = self._then(rdd_samplers.RDDSampler(False, fraction, 1), True)._then(rdd_steps.Keys())
        keys = sorted(sample.collect(), key=keyfunc)
        bounds = [keys[int(len(keys) * (part + 1) / count)] for part in range(count - 1)]
        ranges = rdd_sorting.RangePartition(bounds, None if keyfunc is _same else keyfunc, ascending, count)
        return self.partitionBy(count, ranges)._sorted_within(ascending, keyfunc)

    def sortBy(self, keyfunc, ascending=True, numPartitions=None):
        """The elements sorted by what a function gives for each."""
        return self.keyBy(keyfunc).sortByKey(ascending, numPartitions)._then(rdd_steps.Values())
