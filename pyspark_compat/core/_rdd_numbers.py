"""RDD actions on numbers: statistics, histograms and approximate answers."""
import operator
from math import isinf, isnan

from pyspark_compat.core import _rdd_approximate
from pyspark_compat_worker import rdd_steps, rdd_steps_fold


class BoundedFloat(float):
    """A number with the bounds that it lies between with some confidence."""

    def __new__(cls, mean, confidence, low, high):
        made = float.__new__(cls, mean)
        made.confidence, made.low, made.high = confidence, low, high
        return made


class Numbers:
    """Actions on numbers."""

    def max(self, key=None):
        """The greatest element, by a key function or itself."""
        return self.reduce(max if key is None else rdd_steps_fold.Greatest(key))

    def min(self, key=None):
        """The least element, by a key function or itself."""
        return self.reduce(min if key is None else rdd_steps_fold.Least(key))

    def sum(self):
        """The sum of the elements."""
        total = 0
        for part in self._each(rdd_steps_fold.Sum()):
            total = operator.add(total, part)
        return total

    def count(self):
        """How many elements there are."""
        return sum(self._each(rdd_steps_fold.Count()))

    def stats(self):
        """Count, mean, variance, minimum and maximum in one go."""
        return self._reduced(rdd_steps_fold.Stats(), lambda one, other: one.mergeStats(other))

    def mean(self):
        """The mean of the elements."""
        return self.stats().mean()

    def variance(self):
        """The variance of the elements."""
        return self.stats().variance()

    def stdev(self):
        """The standard deviation of the elements."""
        return self.stats().stdev()

    def sampleStdev(self):
        """The standard deviation, for elements that are a sample."""
        return self.stats().sampleStdev()

    def sampleVariance(self):
        """The variance, for elements that are a sample."""
        return self.stats().sampleVariance()

    def histogram(self, buckets):
        """Bounds of buckets, and how many elements lie in each; a number means as many even buckets."""
        if isinstance(buckets, int):
            return self._even_histogram(buckets)
        if not isinstance(buckets, (list, tuple)):
            raise TypeError("Buckets are a list, a tuple, or a number of them")
        _check_bounds(buckets)
        width = None
        try:
            steps = [high - low for low, high in zip(buckets, buckets[1:])]
        except TypeError:
            pass  # strings and the like are compared only
        else:
            if max(steps) - min(steps) < 1e-10:
                width = (buckets[-1] - buckets[0]) / (len(buckets) - 1)
        return self._histogram(buckets, width)

    def _histogram(self, buckets, width):
        counts = self._reduced(rdd_steps_fold.Histogram(buckets, width),
                               lambda one, other: [i + j for i, j in zip(one, other)])
        return buckets, counts

    def _even_histogram(self, count):
        if count < 1:
            raise ValueError("The number of buckets must be >= 1")
        known = self._then(rdd_steps.Filter(rdd_steps_fold.is_known), True)
        low, high = self._bounds(known)
        if low == high or count == 1:
            return [low, high], [known.count()]
        try:
            width = (high - low) / count
        except TypeError:
            raise TypeError("Buckets are made of numbers only, and the RDD has others") from None
        if isinf(width):
            raise ValueError("Buckets cannot be made of infinite values")
        width = int(width)
        if width * count != high - low:
            width = (high - low) * 1.0 / count
        return self._histogram([*(i * width + low for i in range(count)), high], width)

    @staticmethod
    def _bounds(known):
        found = known._each(rdd_steps_fold.Bounds())
        if not found:
            raise ValueError("Can not reduce() empty RDD: there are no elements to make buckets of")
        lows, highs = zip(*found)
        return min(lows), max(highs)

    def countApprox(self, timeout, confidence=0.95):
        """The count as far as it is known after a time in milliseconds."""
        return int(_rdd_approximate.total(self, rdd_steps_fold.FloatCount(), timeout, confidence, BoundedFloat))

    def sumApprox(self, timeout, confidence=0.95):
        """The sum as far as it is known after a time in milliseconds, with its bounds."""
        return _rdd_approximate.total(self, rdd_steps_fold.FloatSum(), timeout, confidence, BoundedFloat)

    def meanApprox(self, timeout, confidence=0.95):
        """The mean as far as it is known after a time in milliseconds, with its bounds."""
        return _rdd_approximate.mean(self, rdd_steps_fold.FloatStats(), timeout, confidence, BoundedFloat)

    def countApproxDistinct(self, relativeSD=0.05):
        """About how many distinct elements there are, by HyperLogLog of this relative accuracy."""
        if relativeSD < 0.000017:
            raise ValueError("relativeSD must be greater than 0.000017")
        return _rdd_approximate.distinct(self, relativeSD)


def _check_bounds(buckets):
    if len(buckets) < 2:
        raise ValueError("Buckets need more than one bound")
    if any(bound is None or (isinstance(bound, float) and isnan(bound)) for bound in buckets):
        raise ValueError("None and NaN are no bounds of buckets")
    if sorted(buckets) != list(buckets):
        raise ValueError("The bounds of buckets must be sorted")
    if len(set(buckets)) != len(buckets):
        raise ValueError("The bounds of buckets must differ")
