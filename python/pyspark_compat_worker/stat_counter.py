"""StatCounter: count, mean, variance, minimum and maximum of numbers, mergeable."""
import copy
import math

_INFINITE = float("inf")


def _numpy():
    """numpy, where it is installed: as in PySpark its functions decide what a maximum and a root are."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def _greatest(a, b):
    numpy = _numpy()
    return max(a, b) if numpy is None else numpy.maximum(a, b)


def _least(a, b):
    numpy = _numpy()
    return min(a, b) if numpy is None else numpy.minimum(a, b)


def _root(value):
    numpy = _numpy()
    return math.sqrt(value) if numpy is None else numpy.sqrt(value)


class StatCounter:
    """Statistics that take one value or another counter at a time, without loss of precision."""

    def __init__(self, values=None):
        self.n = 0
        self.mu = 0.0
        self.m2 = 0.0
        self.maxValue = -_INFINITE
        self.minValue = _INFINITE
        if values is not None:
            self._take(iter(values))

    def _take(self, values):
        """Merges plain numbers in one loop; from the first other value on, one by one."""
        n, mu, m2, low, high = 0, 0.0, 0.0, _INFINITE, -_INFINITE
        for value in values:
            if type(value) is not int and (type(value) is not float or value != value):
                break
            n += 1
            distance = value - mu
            mu += distance / n
            m2 += distance * (value - mu)
            if value > high:
                high = value
            if value < low:
                low = value
        else:
            values = ()
        self.n, self.mu, self.m2 = n, mu, m2
        if n:
            self.maxValue, self.minValue = _greatest(-_INFINITE, high), _least(_INFINITE, low)
        if values != ():
            self.merge(value)
            for value in values:
                self.merge(value)

    def merge(self, value):
        distance = value - self.mu
        self.n += 1
        self.mu += distance / self.n
        self.m2 += distance * (value - self.mu)
        self.maxValue = _greatest(self.maxValue, value)
        self.minValue = _least(self.minValue, value)
        return self

    def mergeStats(self, other):
        if not isinstance(other, StatCounter):
            raise TypeError("Can only merge StatCounter but got %s" % type(other))
        if other is self:
            other = other.copy()
        if self.n == 0:
            self.n, self.mu, self.m2 = other.n, other.mu, other.m2
            self.maxValue, self.minValue = other.maxValue, other.minValue
        elif other.n:
            self._add(other)
        return self

    def _add(self, other):
        mine, its, total = self.n, other.n, self.n + other.n
        distance = other.mu - self.mu
        if its * 10 < mine:  # the smaller side corrects the greater one's mean
            self.mu += distance * its / total
        elif mine * 10 < its:
            self.mu = other.mu - distance * mine / total
        else:
            self.mu = (self.mu * mine + other.mu * its) / total
        self.m2 += other.m2 + distance * distance * mine * its / total
        self.maxValue = _greatest(self.maxValue, other.maxValue)
        self.minValue = _least(self.minValue, other.minValue)
        self.n = total

    def copy(self):
        return copy.deepcopy(self)

    def count(self):
        return int(self.n)

    def mean(self):
        return self.mu

    def sum(self):
        return self.n * self.mu

    def min(self):
        return self.minValue

    def max(self):
        return self.maxValue

    def variance(self):
        return self.m2 / self.n if self.n else float("nan")

    def sampleVariance(self):
        return self.m2 / (self.n - 1) if self.n > 1 else float("nan")

    def stdev(self):
        return _root(self.variance())

    def sampleStdev(self):
        return _root(self.sampleVariance())

    def asDict(self, sample=False):
        """All at once. As in PySpark, `sample` true means the figures of a whole population, false those of a sample."""
        return {
            "count": self.count(), "mean": self.mean(), "sum": self.sum(), "min": self.min(), "max": self.max(),
            "stdev": self.stdev() if sample else self.sampleStdev(),
            "variance": self.variance() if sample else self.sampleVariance(),
        }

    def __repr__(self):
        return "(count: %s, mean: %s, stdev: %s, max: %s, min: %s)" % (
            self.count(), self.mean(), self.stdev(), self.max(), self.min())
