"""Samplers of a partition. For a seed they choose what PySpark's choose."""
import math
import random
import sys


class RDDSamplerBase:
    """A sampler with a generator of its own in each partition."""

    def __init__(self, withReplacement, seed=None):
        self._seed = random.randint(0, sys.maxsize) if seed is None else seed
        self._withReplacement = withReplacement
        self._random = None

    def initRandomGenerator(self, split):
        self._random = random.Random(self._seed ^ split)
        for _ in range(10):  # near seeds give near first numbers
            self._random.randint(0, 1)

    def getUniformSample(self):
        return self._random.random()

    def getPoissonSample(self, mean):
        """How often an element comes; Knuth's method, and for great means the waiting times."""
        count = 0
        if mean < 20.0:
            limit, draw = math.exp(-mean), self._random.random
            product = draw()
            while product > limit:
                count += 1
                product *= draw()
            return count
        total = self._random.expovariate(mean)
        while total < 1.0:
            count += 1
            total += self._random.expovariate(mean)
        return count

    def func(self, split, iterator):
        raise NotImplementedError

    def __call__(self, split, iterator):
        return self.func(split, iterator)


class RDDSampler(RDDSamplerBase):
    """A fraction of all elements."""

    def __init__(self, withReplacement, fraction, seed=None):
        super().__init__(withReplacement, seed)
        self._fraction = fraction

    def func(self, split, iterator):
        self.initRandomGenerator(split)
        fraction = self._fraction
        if self._withReplacement:
            often = self.getPoissonSample
            return (element for element in iterator for _ in range(often(fraction)))
        draw = self._random.random
        return (element for element in iterator if draw() < fraction)


class RDDRangeSampler(RDDSamplerBase):
    """The elements whose random number lies within bounds: one part of a random split."""

    def __init__(self, lowerBound, upperBound, seed=None):
        super().__init__(False, seed)
        self._lowerBound = lowerBound
        self._upperBound = upperBound

    def func(self, split, iterator):
        self.initRandomGenerator(split)
        draw, low, high = self._random.random, self._lowerBound, self._upperBound
        return (element for element in iterator if low <= draw() < high)


class RDDStratifiedSampler(RDDSamplerBase):
    """A fraction of each key's pairs."""

    def __init__(self, withReplacement, fractions, seed=None):
        super().__init__(withReplacement, seed)
        self._fractions = fractions

    def func(self, split, iterator):
        self.initRandomGenerator(split)
        fractions = self._fractions
        if self._withReplacement:
            often = self.getPoissonSample
            return ((key, value) for key, value in iterator for _ in range(often(fractions[key])))
        draw = self._random.random
        return ((key, value) for key, value in iterator if draw() < fractions[key])
