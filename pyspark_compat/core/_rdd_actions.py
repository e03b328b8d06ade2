"""RDD actions: what runs a job and gives its result."""
import heapq
import random
import sys
import warnings
from math import ceil, log, sqrt

from pyspark_compat.util import InheritableThread
from pyspark_compat_worker import rdd_steps, rdd_steps_fold
from pyspark_compat_worker.rdd_steps_fold import over_all


class Actions:
    """Actions on any elements."""

    def _each(self, step):
        """What a step gives for all partitions, in their order."""
        return self._then(step).collect()

    def _reduced(self, step, f):
        """The results of a step for all partitions, combined."""
        found = self._each(step)
        if not found:
            raise ValueError("Can not reduce() empty RDD")
        return over_all(f, found)

    def collect(self):
        """All elements as a list."""
        node = self._node
        return self._run(node, range(node.partitions))

    def collectWithJobGroup(self, groupId, description, interruptOnCancel=False):
        """collect in a job group."""
        warnings.warn("collectWithJobGroup is deprecated: use InheritableThread and setJobGroup.", FutureWarning,
                      stacklevel=3)
        before = {key: self.ctx.getLocalProperty(key) for key in _GROUP}
        self.ctx.setJobGroup(groupId, description, interruptOnCancel)
        try:
            return self.collect()
        finally:
            for key, value in before.items():
                self.ctx.setLocalProperty(key, value)

    def foreach(self, f):
        """Calls a function for each element, in the workers."""
        self._each(rdd_steps_fold.Foreach(f))

    def foreachPartition(self, f):
        """Calls a function with each partition's iterator, in the workers."""
        self._then(rdd_steps_fold.ForeachPartition(f)).count()

    def reduce(self, f):
        """The elements combined by a function of two, in each partition and then over all."""
        return self._reduced(rdd_steps_fold.Reduce(f), f)

    def fold(self, zeroValue, op):
        """reduce that begins with a zero value in each partition and over all."""
        return over_all(op, self._each(rdd_steps_fold.Fold(zeroValue, op)), zeroValue)

    def aggregate(self, zeroValue, seqOp, combOp):
        """fold whose results are of another kind: one function takes an element, the other combines two results."""
        return over_all(combOp, self._each(rdd_steps_fold.Fold(zeroValue, seqOp)), zeroValue)

    def treeReduce(self, f, depth=2):
        """reduce in layers, so that the driver combines a few results only."""
        _check_depth(depth)
        if self.getNumPartitions() == 0:
            raise ValueError("Cannot reduce empty RDD.")
        found = self._then(rdd_steps_fold.Reduce(f))._layered(f, depth).collect()
        if not found:
            raise ValueError("Cannot reduce empty RDD.")
        return over_all(f, found)

    def treeAggregate(self, zeroValue, seqOp, combOp, depth=2):
        """aggregate in layers, so that the driver combines a few results only."""
        _check_depth(depth)
        if self.getNumPartitions() == 0:
            return zeroValue
        return self._then(rdd_steps_fold.Fold(zeroValue, seqOp))._layered(combOp, depth).reduce(combOp)

    def _layered(self, f, depth):
        """The elements of neighbouring partitions combined, layer by layer."""
        layered, count = self, self.getNumPartitions()
        scale = max(int(ceil(pow(count, 1.0 / depth))), 2)
        while count > scale + count / scale:
            count /= scale
            layered = layered._then(rdd_steps_fold.NumberedBy(int(count))).reduceByKey(f, int(count)).values()
        return layered

    def countByValue(self):
        """A dict of how often each element comes."""
        def merged(one, other):
            for value, count in other.items():
                one[value] += count
            return one

        return self._reduced(rdd_steps_fold.CountByValue(), merged)

    def top(self, num, key=None):
        """The greatest elements, the greatest first."""
        return self._reduced(rdd_steps_fold.Largest(num, key),
                             lambda one, other: heapq.nlargest(num, one + other, key=key))

    def takeOrdered(self, num, key=None):
        """The least elements, the least first."""
        if num < 0:
            raise ValueError("The number of elements must not be negative.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        return self._reduced(rdd_steps_fold.Smallest(num, key),
                             lambda one, other: heapq.nsmallest(num, one + other, key))

    def take(self, num):
        """The first elements. Looks at one partition, and at more only where that has too few."""
        found, seen, parts = [], 0, self.getNumPartitions()
        while len(found) < num and seen < parts:
            tries = 1
            if seen and not found:
                tries = seen * 4
            elif seen:
                tries = min(max(int(1.5 * num * seen / len(found)) - seen, 1), seen * 4)
            left = num - len(found)
            found += self._run(self._then(rdd_steps.Take(left), True)._node, range(seen, min(seen + tries, parts)))
            seen += tries
        return found[:num]

    def first(self):
        """The first element."""
        found = self.take(1)
        if not found:
            raise ValueError("RDD is empty")
        return found[0]

    def isEmpty(self):
        """Whether there is no element."""
        return self.getNumPartitions() == 0 or not self.take(1)

    def takeSample(self, withReplacement, num, seed=None):
        """So many elements at random, in random order."""
        most = sys.maxsize - int(10.0 * sqrt(sys.maxsize))
        if num < 0:
            raise ValueError("The size of a sample must not be negative.")
        if num > most:
            raise ValueError(f"A sample must not be greater than {most}.")
        size = self.count() if num and self.getNumPartitions() else 0
        if not size:
            return []
        chance = random.Random(seed)
        if not withReplacement and num >= size:
            found = self.collect()
            chance.shuffle(found)
            return found
        fraction = self._computeFractionForSampleSize(num, size, withReplacement)
        found = self.sample(withReplacement, fraction, seed).collect()
        while len(found) < num:
            seed = chance.randint(0, sys.maxsize)
            found = self.sample(withReplacement, fraction, seed).collect()
        chance.shuffle(found)
        return found[:num]

    @staticmethod
    def _computeFractionForSampleSize(sampleSizeLowerBound, total, withReplacement):
        """The fraction whose sample is almost surely large enough."""
        fraction = float(sampleSizeLowerBound) / total
        if withReplacement:
            return fraction + (9 if sampleSizeLowerBound < 12 else 5) * sqrt(fraction / total)
        gamma = -log(0.00005) / total
        return min(1, fraction + gamma + sqrt(gamma * gamma + 2 * gamma * fraction))

    def toLocalIterator(self, prefetchPartitions=False):
        """An iterator over all elements, which needs memory for one partition; or for two, the next one computed ahead."""
        node = self._node
        if prefetchPartitions:
            return self._ahead(node)
        return (element for part in range(node.partitions) for element in self._run(node, [part]))

    def _ahead(self, node):
        ready = [_Ahead(lambda: self._run(node, [0]))] if node.partitions else []

        def elements():
            for part in range(node.partitions):
                found = ready.pop().result()
                if part + 1 < node.partitions:
                    ready.append(_Ahead(lambda: self._run(node, [part + 1])))
                yield from found

        return elements()


_GROUP = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")


class _Ahead:
    """A function's result, computed in a thread."""

    def __init__(self, function):
        self._function = function
        self._thread = InheritableThread(self._compute, daemon=True)
        self._value = self._error = None
        self._thread.start()

    def _compute(self):
        try:
            self._value = self._function()
        except BaseException as e:
            self._error = e

    def result(self):
        while self._thread.is_alive():  # so that Ctrl-C is heard
            self._thread.join(0.05)
        if self._error is not None:
            raise self._error
        return self._value


def _check_depth(depth):
    if depth < 1:
        raise ValueError(f"Depth cannot be smaller than 1 but got {depth}.")
