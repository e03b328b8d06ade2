"""RDD methods on pairs of key and value."""
import copy

from pyspark_compat.join import (
    python_cogroup,
    python_full_outer_join,
    python_join,
    python_left_outer_join,
    python_right_outer_join,
)
from pyspark_compat.util import _parse_memory
from pyspark_compat_worker import rdd_steps, rdd_steps_fold, rdd_steps_pairs
from pyspark_compat_worker.rdd_hash import Partitioner, hash_of, portable_hash
from pyspark_compat_worker.rdd_merging import Combiner, Grouper


class Zero:
    """Makes a key's first combined value of a zero value of its own and the key's first value."""

    def __init__(self, zero, f):
        self.zero, self.f = zero, f

    def __call__(self, value):
        return self.f(copy.deepcopy(self.zero), value)


class Pairs:
    """Transformations by key."""

    def reduceByKey(self, func, numPartitions=None, partitionFunc=portable_hash):
        """Each key with its values combined by a function of two."""
        return self._combined(Combiner(None, func, func), numPartitions, partitionFunc)

    def combineByKey(self, createCombiner, mergeValue, mergeCombiners, numPartitions=None, partitionFunc=portable_hash):
        """Each key with its values combined: the first one, each next one, and two that are combined already."""
        return self._combined(Combiner(createCombiner, mergeValue, mergeCombiners), numPartitions, partitionFunc)

    def aggregateByKey(self, zeroValue, seqFunc, combFunc, numPartitions=None, partitionFunc=portable_hash):
        """combineByKey that begins with a zero value."""
        return self.combineByKey(Zero(zeroValue, seqFunc), seqFunc, combFunc, numPartitions, partitionFunc)

    def foldByKey(self, zeroValue, func, numPartitions=None, partitionFunc=portable_hash):
        """reduceByKey that begins with a zero value."""
        return self.combineByKey(Zero(zeroValue, func), func, func, numPartitions, partitionFunc)

    def groupByKey(self, numPartitions=None, partitionFunc=portable_hash):
        """Each key with an iterable of its values."""
        return self._grouped(numPartitions, partitionFunc)._then(rdd_steps_pairs.Grouped(), True)

    def groupBy(self, f, numPartitions=None, partitionFunc=portable_hash):
        """What a function gives, each with the elements it gives it for."""
        return self.keyBy(f).groupByKey(numPartitions, partitionFunc)

    def _grouped(self, partitions, function=portable_hash):
        """Each key with a list of its values, in which order they came."""
        return self._combined(Grouper(), partitions, function)

    def _combined(self, how, partitions, function):
        partitioner = self._partitioner(partitions, function)
        limit = self._memory_limit() << 20
        if self.partitioner == partitioner:
            return self._then(rdd_steps_pairs.Combine(how, limit), True)
        return self._partitioned(partitioner, how)._then(rdd_steps_pairs.MergeCombined(how, limit), True)

    def _partitioner(self, partitions, function):
        return Partitioner(self._defaultReducePartitions() if partitions is None else partitions, function)

    def _defaultReducePartitions(self):
        """How many partitions a shuffle makes: the setting, or as many as there are."""
        if self.ctx._conf.contains("spark.default.parallelism"):
            return self.ctx.defaultParallelism
        return self.getNumPartitions()

    def _memory_limit(self):
        """In MB, what a worker may use for combining and sorting before it goes to disk."""
        return _parse_memory(self.ctx._conf.get("spark.python.worker.memory", "512m"))

    def distinct(self, numPartitions=None):
        """The elements, each once."""
        paired = self._then(rdd_steps.Paired(None))
        return paired.reduceByKey(rdd_steps_pairs.first_of, numPartitions)._then(rdd_steps.Keys())

    def intersection(self, other):
        """The elements that are in both, each once."""
        mine, its = (rdd._then(rdd_steps.Paired(None)) for rdd in (self, other))
        return mine.cogroup(its)._then(rdd_steps.Filter(rdd_steps_pairs.on_all_sides), True)._then(rdd_steps.Keys())

    def subtractByKey(self, other, numPartitions=None):
        """The pairs whose keys the other has not."""
        lone = self.cogroup(other, numPartitions)._then(rdd_steps.Filter(rdd_steps_pairs.on_left_side), True)
        return lone._then(rdd_steps.FlatMapValues(rdd_steps_pairs.left_side), True)

    def subtract(self, other, numPartitions=None):
        """The elements that the other has not."""
        mine, its = (rdd._then(rdd_steps.Paired(True)) for rdd in (self, other))
        return mine.subtractByKey(its, numPartitions)._then(rdd_steps.Keys())

    def join(self, other, numPartitions=None):
        """(key, (value, other's value)) for all pairs of values of a key that both have."""
        return python_join(self, other, numPartitions)

    def leftOuterJoin(self, other, numPartitions=None):
        """A join in which None stands for a value that the other lacks."""
        return python_left_outer_join(self, other, numPartitions)

    def rightOuterJoin(self, other, numPartitions=None):
        """A join in which None stands for a value that this lacks."""
        return python_right_outer_join(self, other, numPartitions)

    def fullOuterJoin(self, other, numPartitions=None):
        """A join in which None stands for a value that either lacks."""
        return python_full_outer_join(self, other, numPartitions)

    def cogroup(self, other, numPartitions=None):
        """Each key with an iterable of its values in this and one of those in the other."""
        return python_cogroup((self, other), numPartitions)

    def groupWith(self, other, *others):
        """cogroup of any number of RDDs."""
        return python_cogroup((self, other, *others), numPartitions=None)

    def reduceByKeyLocally(self, func):
        """A dict of each key's values, combined."""
        def merged(one, other):
            for key, value in other.items():
                one[key] = func(one[key], value) if key in one else value
            return one

        return self._reduced(rdd_steps_fold.ReduceLocally(func), merged)

    def countByKey(self):
        """A dict of how many pairs each key has."""
        return self._then(rdd_steps.Keys()).countByValue()

    def collectAsMap(self):
        """The pairs as a dict."""
        return dict(self.collect())

    def lookup(self, key):
        """The values of a key; where the partitioning is known, only its partition is computed."""
        found = self._then(rdd_steps_pairs.OfKey(key), True)._then(rdd_steps.Values())
        if self.partitioner is None:
            return found.collect()
        return self.ctx._jobs.collect(found._node, None, [self._partition_of(key)])

    def _partition_of(self, key):
        """A key's partition. A worker says it where hashes depend on Python's seed, which is another one there."""
        if self.partitioner.partitionFunc is portable_hash and type(key) in _UNSEEDED:
            return hash_of(key) % self.partitioner.numPartitions
        asked = self.ctx.parallelize([None], 1)._then(rdd_steps_pairs.PartitionOf(self.partitioner, key))
        return asked.collect()[0]


_UNSEEDED = (int, float, bool, type(None))  # types whose hashes are the same in all processes
