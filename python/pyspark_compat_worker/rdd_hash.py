"""The hash that tells which partition a key goes to: PySpark's, so that partitions are the same."""
import os
import sys

from .errors import PySparkRuntimeError

_MASK = sys.maxsize


def portable_hash(x):
    """The hash of a value, of None and of tuples, equal in all processes that have the same PYTHONHASHSEED."""
    if "PYTHONHASHSEED" not in os.environ:
        raise PySparkRuntimeError(errorClass="PYTHON_HASH_SEED_NOT_SET", messageParameters={})
    return hash_of(x)


def hash_of(x):
    if x is None:
        return 0
    if not isinstance(x, tuple):
        return hash(x)
    h = 3430008
    for part in x:
        h = ((h ^ hash_of(part)) * 1000003) & _MASK
    h ^= len(x)
    return -2 if h == -1 else int(h)


# types whose portable hash is their hash
PLAIN = frozenset((str, int, float, bool, bytes))


class Partitioner:
    """Which of `numPartitions` partitions a key goes to."""

    def __init__(self, numPartitions, partitionFunc):
        self.numPartitions = numPartitions
        self.partitionFunc = partitionFunc

    def __eq__(self, other):
        return (isinstance(other, Partitioner) and self.numPartitions == other.numPartitions
                and self.partitionFunc == other.partitionFunc)

    def __call__(self, k):
        return self.partitionFunc(k) % self.numPartitions
