"""Answers that are given after a time, from the partitions that are done by then."""
import math
import statistics
import time

from pyspark_compat.util import InheritableThread
from pyspark_compat_worker import rdd_distinct
from pyspark_compat_worker.stat_counter import StatCounter

_INFINITE = float("inf")
_MANY = 100  # values, from which on Student's distribution is the normal one


def _within(rdd, step, timeout):
    """The results of the partitions that are done after `timeout` ms, and how many partitions there are."""
    made = rdd._then(step)
    node, jobs, found = made._node, rdd.ctx._jobs, []
    failed = []

    def read():
        try:
            for _, results in jobs.run(node, None, range(node.partitions)):
                found.extend(results)
        except BaseException as e:
            failed.append(e)

    reader = InheritableThread(read, daemon=True)
    reader.start()
    end = time.monotonic() + timeout / 1000
    while reader.is_alive() and (left := end - time.monotonic()) > 0:
        reader.join(min(left, 0.05))  # so that Ctrl-C is heard
    if failed:
        raise failed[0]
    return list(found), node.partitions


def total(rdd, step, timeout, confidence, bounded):
    """The sum of the numbers that a step gives for each partition."""
    parts, count = _within(rdd, step, timeout)
    seen = StatCounter(parts)
    if len(parts) == count:
        return bounded(seen.sum(), 1.0, seen.sum(), seen.sum())
    if not parts:
        return bounded(0.0, 0.0, -_INFINITE, _INFINITE)
    share = len(parts) / count
    rest = seen.n * (1 - share) / share
    if seen.n == 1:
        return bounded(seen.sum() + seen.mean() * rest, confidence, -_INFINITE, _INFINITE)
    mean, mean_variance, rest_variance = seen.mean(), seen.sampleVariance() / seen.n, rest / share
    variance = mean * mean * rest_variance + rest * rest * mean_variance + mean_variance * rest_variance
    far = _quantile(seen.n, confidence) * math.sqrt(variance)
    middle = seen.sum() + mean * rest
    return bounded(middle, confidence, middle - far, middle + far)


def mean(rdd, step, timeout, confidence, bounded):
    """The mean of numbers of which a step gives the statistics for each partition."""
    parts, count = _within(rdd, step, timeout)
    seen = StatCounter()
    for part in parts:
        seen.mergeStats(part)
    if len(parts) == count:
        return bounded(seen.mean(), 1.0, seen.mean(), seen.mean())
    if seen.n == 0:
        return bounded(0.0, 0.0, -_INFINITE, _INFINITE)
    if seen.n == 1:
        return bounded(seen.mean(), confidence, -_INFINITE, _INFINITE)
    far = _quantile(seen.n, confidence) * math.sqrt(seen.sampleVariance() / seen.n)
    return bounded(seen.mean(), confidence, seen.mean() - far, seen.mean() + far)


def _quantile(count, confidence):
    """How many standard errors away a bound lies: Student's distribution, by its expansion about the normal one."""
    z = statistics.NormalDist().inv_cdf(1 - (1 - confidence) / 2)
    if count > _MANY:
        return z
    free = count - 1
    return (z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3))


def distinct(rdd, accuracy):
    """About how many distinct elements there are."""
    bits = max(math.ceil(2 * math.log(1.054 / accuracy) / math.log(2)), 4)
    registers = {}
    for part in rdd._each(rdd_distinct.Registers(bits)):
        for place, length in part.items():
            if registers.get(place, 0) < length:
                registers[place] = length
    return rdd_distinct.estimate(registers, bits)
