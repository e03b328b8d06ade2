"""Sorting in bounded memory: sorted parts go to files, and are merged block by block."""
from bisect import bisect_left
from itertools import chain
from operator import itemgetter

from .rdd_memory import Blocks, Meter
from .rdd_merging import looks


def sorted_within(values, key, reverse, limit):
    """An iterator over the sorted values; equal ones keep their order. `limit` is in bytes, 0 for none."""
    if not limit:
        return iter(sorted(values, key=key, reverse=reverse))
    meter, held, runs = Meter(limit), [], []
    for part in looks(values):
        held.extend(part)
        if meter.full() and held:
            held.sort(key=key, reverse=reverse)
            run = Blocks()
            run.write(held)
            runs.append(run)
            held = []
            meter.relieved()
    held.sort(key=key, reverse=reverse)
    if not runs:
        return iter(held)
    sources = [run.read() for run in runs]
    if held:
        sources.append(iter((held,)))
    return chain.from_iterable(_merged(sources, key or _itself, reverse))


def _itself(value):
    return value


class _Run:
    """A sorted run: the block in memory and the blocks to come."""

    def __init__(self, blocks, key):
        self._blocks, self._key = blocks, key
        self.values, self.keys, self.ended = [], [], False

    def load(self):
        """Adds the next block."""
        block = next(self._blocks, None)
        if block is None:
            self.ended = True
        else:
            self.values += block
            self.keys += map(self._key, block)

    def take(self, count):
        taken = self.values[:count]
        del self.values[:count], self.keys[:count]
        return taken


def _merged(sources, key, reverse):
    """Sorted lists. What lies before the nearest end of a loaded block is complete: it is sorted as one list, which
    is cheap for runs that are sorted already."""
    runs = [_Run(blocks, key) for blocks in sources]
    while runs:
        for run in runs:
            if not run.values and not run.ended:
                run.load()
        runs = [run for run in runs if run.values]
        open_runs = [run for run in runs if not run.ended]
        if not open_runs:
            yield sorted(chain.from_iterable(run.values for run in runs), key=key, reverse=reverse)
            return
        nearest = open_runs[0]
        for run in open_runs[1:]:
            if run.keys[-1] > nearest.keys[-1] if reverse else run.keys[-1] < nearest.keys[-1]:
                nearest = run
        bound = nearest.keys[-1]
        ready = [(run, _before(run.keys, bound, reverse)) for run in runs]
        if not any(count for _, count in ready):
            nearest.load()  # its block has one key only, and more of that key may follow
            continue
        yield sorted(chain.from_iterable([run.take(count) for run, count in ready]), key=key, reverse=reverse)


def _before(keys, bound, reverse):
    """How many keys come before the bound."""
    if not reverse:
        return bisect_left(keys, bound)
    low, high = 0, len(keys)
    while low < high:  # keys fall
        middle = (low + high) // 2
        if bound < keys[middle]:
            low = middle + 1
        else:
            high = middle
    return low


class SortPairs:
    """Sorts a partition's pairs by a function of their keys, or by the keys themselves."""

    def __init__(self, f, ascending, limit):
        self.f, self.ascending, self.limit = f, ascending, limit

    def __call__(self, split, flow):
        f = self.f
        key = itemgetter(0) if f is None else lambda pair: f(pair[0])
        return sorted_within(flow, key, not self.ascending, self.limit)


class RangePartition:
    """Which range of sorted bounds a key lies in."""

    def __init__(self, bounds, f, ascending, partitions):
        self.bounds, self.f, self.ascending, self.last = bounds, f, ascending, partitions - 1

    def __call__(self, key):
        at = bisect_left(self.bounds, key if self.f is None else self.f(key))
        return at if self.ascending else self.last - at
