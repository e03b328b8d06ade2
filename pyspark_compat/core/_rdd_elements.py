"""RDD methods that go element by element or partition by partition."""
import random
import warnings

from pyspark_compat_worker import rdd_samplers, rdd_steps, rdd_steps_files, rdd_steps_fold, rdd_steps_layout


class Elements:
    """Transformations within partitions."""

    def map(self, f, preservesPartitioning=False):
        """What a function makes of each element."""
        return self._then(rdd_steps.Map(f), preservesPartitioning)

    def flatMap(self, f, preservesPartitioning=False):
        """All that a function's results, which are iterables, hold."""
        return self._then(rdd_steps.FlatMap(f), preservesPartitioning)

    def mapPartitions(self, f, preservesPartitioning=False):
        """What a function makes of each partition's iterator."""
        return self._then(rdd_steps.Partitions(f), preservesPartitioning)

    def mapPartitionsWithIndex(self, f, preservesPartitioning=False):
        """What a function makes of each partition's number and iterator."""
        return self._then(rdd_steps.IndexedPartitions(f), preservesPartitioning)

    def mapPartitionsWithSplit(self, f, preservesPartitioning=False):
        """mapPartitionsWithIndex under its old name."""
        warnings.warn("mapPartitionsWithSplit is deprecated: call mapPartitionsWithIndex.", FutureWarning, stacklevel=3)
        return self.mapPartitionsWithIndex(f, preservesPartitioning)

    def filter(self, f):
        """The elements for which a function gives something true."""
        return self._then(rdd_steps.Filter(f), True)

    def glom(self):
        """Each partition as one list."""
        return self._then(rdd_steps.Glom())

    def keyBy(self, f):
        """Each element behind the key that a function gives for it."""
        return self._then(rdd_steps.KeyBy(f))

    def keys(self):
        """The first of each pair."""
        return self._then(rdd_steps.Keys())

    def values(self):
        """The second of each pair."""
        return self._then(rdd_steps.Values())

    def mapValues(self, f):
        """The pairs, each value replaced by what a function makes of it."""
        return self._then(rdd_steps.MapValues(f), True)

    def flatMapValues(self, f):
        """A pair for each thing that a function makes of a pair's value."""
        return self._then(rdd_steps.FlatMapValues(f), True)

    def pipe(self, command, env=None, checkCode=False):
        """The lines that a command prints, which gets a partition's elements as lines."""
        return self._then(rdd_steps_files.Pipe(command, {} if env is None else env, checkCode))

    def sample(self, withReplacement, fraction, seed=None):
        """A random part of the elements, the same for the same seed."""
        if not fraction >= 0:
            raise ValueError("The fraction of a sample must not be negative.")
        return self._then(rdd_samplers.RDDSampler(withReplacement, fraction, seed), True)

    def sampleByKey(self, withReplacement, fractions, seed=None):
        """A random part of each key's pairs."""
        for fraction in fractions.values():
            assert fraction >= 0.0, f"Negative fraction value: {fraction}"
        return self._then(rdd_samplers.RDDStratifiedSampler(withReplacement, fractions, seed), True)

    def randomSplit(self, weights, seed=None):
        """The elements dealt out at random to RDDs of these weights."""
        if not all(weight >= 0 for weight in weights):
            raise ValueError("Weights must not be negative")
        total = float(sum(weights))
        if not total > 0:
            raise ValueError("The sum of the weights must be positive")
        bounds = [0.0]
        for weight in weights:
            bounds.append(bounds[-1] + weight / total)
        seed = random.randint(0, 2**32 - 1) if seed is None else seed
        return [self._then(rdd_samplers.RDDRangeSampler(low, high, seed), True) for low, high in zip(bounds, bounds[1:])]

    def zipWithIndex(self):
        """Each element with its place among all; counts the elements first if there are several partitions."""
        starts = [0]
        if self.getNumPartitions() > 1:
            for count in self._each(rdd_steps_fold.Count())[:-1]:
                starts.append(starts[-1] + count)
        return self._then(rdd_steps_layout.Numbered(starts))

    def zipWithUniqueId(self):
        """Each element with a number of its own: partition k of n gives k, k + n, k + 2n and so on."""
        return self._then(rdd_steps_layout.UniquelyNumbered(self.getNumPartitions()))
