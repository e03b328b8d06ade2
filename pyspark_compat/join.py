"""Joins and cogroups of RDDs under PySpark's module name."""
from functools import reduce

from pyspark_compat_worker import rdd_steps, rdd_steps_pairs


def _tagged(rdds, partitions):
    """Each key with a list of (number of the RDD, value)."""
    marked = [rdd._then(rdd_steps.Tagged(number), True) for number, rdd in enumerate(rdds)]
    return reduce(lambda one, other: one.union(other), marked)._grouped(partitions)


def _joined(rdd, other, partitions, left, right):
    return _tagged((rdd, other), partitions)._then(rdd_steps_pairs.Joined(left, right), True)


def python_join(rdd, other, numPartitions):
    return _joined(rdd, other, numPartitions, False, False)


def python_right_outer_join(rdd, other, numPartitions):
    return _joined(rdd, other, numPartitions, True, False)


def python_left_outer_join(rdd, other, numPartitions):
    return _joined(rdd, other, numPartitions, False, True)


def python_full_outer_join(rdd, other, numPartitions):
    return _joined(rdd, other, numPartitions, True, True)


def python_cogroup(rdds, numPartitions):
    return _tagged(rdds, numPartitions)._then(rdd_steps_pairs.Cogrouped(len(rdds)), True)
