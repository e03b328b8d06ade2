"""Steps of RDDs that have no parents or only chain them: local collections, ranges, unions.

A step is called with the number of its partition and its inputs, callables that each give a fresh iterator.
"""
import io
import pickle


class Slice:
    """The elements of a local collection: the payload is pickled lists, one behind another."""

    def __call__(self, split, inputs):
        return _elements(inputs[-1]())


def _elements(payload):
    file, end = io.BytesIO(payload), len(payload)
    while file.tell() < end:
        yield from pickle.load(file)


class Range:
    """One part of a range in `slices` parts."""

    def __init__(self, start, size, step, slices):
        self._start, self._size, self._step, self._slices = start, size, step, slices

    def _first(self, split):
        return self._start + int(split * self._size / self._slices) * self._step

    def __call__(self, split, inputs):
        return iter(range(self._first(split), self._first(split + 1), self._step))


class Chain:
    """All inputs, one behind another."""

    def __call__(self, split, inputs):
        for elements in inputs:
            yield from elements()
