"""Steps of RDDs that have no parents or only chain them: ranges, unions.

A step is called with the number of its partition and its inputs, callables that each give a fresh iterator.
"""


class Range:
    """One part of a range in `slices` parts, whatever the elements are that it is a step on."""

    def __init__(self, start, size, step, slices):
        self._start, self._size, self._step, self._slices = start, size, step, slices

    def _first(self, split):
        return self._start + int(split * self._size / self._slices) * self._step

    def __call__(self, split, flow):
        return range(self._first(split), self._first(split + 1), self._step)


class Chain:
    """All inputs, one behind another."""

    def __call__(self, split, inputs):
        for elements in inputs:
            yield from elements()
