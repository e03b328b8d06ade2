"""Steps that make one result of a partition: what actions collect and combine in the driver."""
import collections
import heapq
from bisect import bisect_right
from functools import reduce
from math import isnan

from .rdd_steps import Function, named, stopped
from .stat_counter import StatCounter


def over_all(f, values, *start):
    """functools.reduce, in which a StopIteration of the user's function is an error."""
    try:
        return reduce(f, values, *start)
    except StopIteration as e:
        raise stopped(str(e) or named(f)) from e


class Reduce(Function):
    __slots__ = ()

    def __call__(self, split, flow):
        flow = iter(flow)
        for first in flow:
            return iter([over_all(self.f, flow, first)])
        return iter(())


class Fold:
    """The elements and a zero value, combined one after another."""

    def __init__(self, zero, f):
        self.zero, self.f = zero, f

    def __call__(self, split, flow):
        return iter([over_all(self.f, flow, self.zero)])


class Sum:
    def __call__(self, split, flow):
        return iter([sum(flow)])


class FloatSum:
    def __call__(self, split, flow):
        return iter([float(sum(flow))])


class Count:
    def __call__(self, split, flow):
        return iter([counted(flow)])


def counted(flow):
    """The number of elements, whatever they are."""
    if hasattr(flow, "__len__"):
        return len(flow)
    number = collections.deque(enumerate(flow, 1), maxlen=1)
    return number[0][0] if number else 0


class Stats:
    def __call__(self, split, flow):
        return iter([StatCounter(flow)])


class Foreach(Function):
    """Calls a function for each element and gives nothing."""

    __slots__ = ()

    def __call__(self, split, flow):
        f = self.f
        try:
            for element in flow:
                f(element)
        except StopIteration as e:
            raise stopped(str(e) or named(f)) from e
        return iter(())


class ForeachPartition(Function):
    """Calls a function with the iterator, and reads what it gives, if that can be read."""

    __slots__ = ()

    def __call__(self, split, flow):
        result = self.f(flow)
        try:
            return iter(result)
        except TypeError:
            return iter(())


class CountByValue:
    def __call__(self, split, flow):
        counts = collections.defaultdict(int)
        collections._count_elements(counts, flow)
        return iter([counts])


class Largest:
    def __init__(self, count, key):
        self.count, self.key = count, key

    def __call__(self, split, flow):
        return iter([heapq.nlargest(self.count, flow, key=self.key)])


class Smallest:
    def __init__(self, count, key):
        self.count, self.key = count, key

    def __call__(self, split, flow):
        return iter([heapq.nsmallest(self.count, flow, key=self.key)])


class ReduceLocally(Function):
    """The pairs as one dict, the values of a key combined."""

    __slots__ = ()

    def __call__(self, split, flow):
        f, combined = self.f, {}
        try:
            for key, value in flow:
                combined[key] = f(combined[key], value) if key in combined else value
        except StopIteration as e:
            raise stopped(str(e) or named(f)) from e
        return iter([combined])


class Histogram:
    """How many elements lie in each bucket; the last bucket includes its upper bound."""

    def __init__(self, buckets, width):
        self.buckets, self.width = buckets, width

    def __call__(self, split, flow):
        buckets, width = self.buckets, self.width
        low, high = buckets[0], buckets[-1]
        counts = [0] * len(buckets)
        for value in flow:
            if value is None or (isinstance(value, float) and isnan(value)) or value > high or value < low:
                continue
            counts[int((value - low) / width) if width else bisect_right(buckets, value) - 1] += 1
        last = counts.pop()
        counts[-1] += last
        return iter([counts])


class NumberedBy:
    """Each element behind the number of its partition modulo a count: the next layer of a tree."""

    def __init__(self, count):
        self.count = count

    def __call__(self, split, flow):
        number = split % self.count
        return ((number, element) for element in flow)


class FloatCount:
    def __call__(self, split, flow):
        return iter([float(counted(flow))])


class FloatStats:
    def __call__(self, split, flow):
        return iter([StatCounter(map(float, flow))])


class Bounds:
    """The least and the greatest element."""

    def __call__(self, split, flow):
        low = high = None
        for value in flow:
            if low is None:
                low = high = value
            else:
                low, high = min(low, value), max(high, value)
        return iter(() if low is None else [(low, high)])


class Greatest:
    """The greater of two by a key."""

    def __init__(self, key):
        self.key = key

    def __call__(self, one, other):
        return max(one, other, key=self.key)


class Least:
    """The lesser of two by a key."""

    def __init__(self, key):
        self.key = key

    def __call__(self, one, other):
        return min(one, other, key=self.key)


def is_known(value):
    """Whether a value is neither None nor NaN."""
    return value is not None and not (type(value) is float and isnan(value))
