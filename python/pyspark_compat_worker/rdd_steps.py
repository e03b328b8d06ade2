"""Steps of RDDs that work within one partition. Built in the driver, called in workers.

A `Pipeline` is the step of a node: steps one after another, each called with the number of the partition and an
iterator. Steps with `over` take elements one by one; a run of them is C-level iterators around the user's functions.
"""
from itertools import chain, repeat
from types import FunctionType

from .errors import PySparkRuntimeError


class Pipeline:
    """A node's step: the parent's elements through `steps` in turn."""

    __slots__ = ("steps",)

    def __init__(self, steps):
        self.steps = steps

    def __call__(self, split, inputs):
        flow, run = inputs[0](), []
        for step in self.steps:
            if hasattr(step, "over"):
                run.append(step)
                continue
            if run:
                flow, run = _watched(run, flow), []
            flow = step(split, flow)
        return _watched(run, flow) if run else flow


def _watched(run, flow):
    """The elements through `run`; a StopIteration of a user's function, which every loop takes for the end, is raised."""
    end = _End()
    flow = chain(flow, end)
    for step in run:
        flow = step.over(flow)
    return chain(flow, _Check(end, run))


class _End:
    """No elements: notes that an iterator came to its end."""

    reached = False

    def __iter__(self):
        self.reached = True
        return iter(())


class _Check:
    """No elements: raises if the input was not read to its end."""

    def __init__(self, end, run):
        self._end, self._run = end, run

    def __iter__(self):
        if not self._end.reached:
            raise stopped(", ".join(named(step.f) for step in self._run))
        return iter(())


def named(function):
    """A function and where it is written, for messages."""
    code = getattr(function, "__code__", None)
    name = getattr(function, "__qualname__", repr(function))
    return f"{name} ({code.co_filename}:{code.co_firstlineno})" if code else name


def stopped(what):
    """The error for a user's function that raised StopIteration."""
    return PySparkRuntimeError(errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": what})


class Function:
    """A step made of one function of the user's."""

    __slots__ = ("f",)

    def __init__(self, f):
        self.f = f


class Map(Function):
    __slots__ = ()

    def over(self, flow):
        beside = _beside(self.f)
        return map(self.f, flow) if beside is None else zip(flow, repeat(*beside))


_PAIR = (lambda element: (element, 1)).__code__


def _beside(f):
    """(constant,) for a function that does nothing but pair its argument with a constant: that needs no call."""
    code = f.__code__ if type(f) is FunctionType else None
    if code is None or code.co_code != _PAIR.co_code or len(code.co_consts) != len(_PAIR.co_consts):
        return None
    if code.co_argcount != 1 or code.co_freevars or 1 not in _PAIR.co_consts:
        return None
    return (code.co_consts[_PAIR.co_consts.index(1)],)


class FlatMap(Function):
    __slots__ = ()

    def over(self, flow):
        return chain.from_iterable(map(self.f, flow))


class Filter(Function):
    __slots__ = ()

    def over(self, flow):
        return filter(self.f, flow)


class MapValues(Function):
    __slots__ = ()

    def over(self, flow):
        f = self.f
        return ((pair[0], f(pair[1])) for pair in flow)


class FlatMapValues(Function):
    __slots__ = ()

    def over(self, flow):
        f = self.f
        return ((pair[0], value) for pair in flow for value in f(pair[1]))


class KeyBy(Function):
    __slots__ = ()

    def over(self, flow):
        f = self.f
        return ((f(element), element) for element in flow)


class Partitions(Function):
    """A function of the partition's iterator."""

    __slots__ = ()

    def __call__(self, split, flow):
        return self.f(flow)


class IndexedPartitions(Function):
    """A function of the partition's number and iterator."""

    __slots__ = ()

    def __call__(self, split, flow):
        return self.f(split, flow)


class Keys:
    f = "keys()"

    def over(self, flow):
        return (pair[0] for pair in flow)


class Values:
    f = "values()"

    def over(self, flow):
        return (pair[1] for pair in flow)


class Paired:
    """Each element as the key of a value that is always the same."""

    def __init__(self, value):
        self.value = value

    def over(self, flow):
        value = self.value
        return ((element, value) for element in flow)

    f = "pairing"


class Tagged:
    """The values of pairs, each behind the number of its RDD: what cogroup tells them apart by."""

    f = "cogroup"

    def __init__(self, number):
        self.number = number

    def over(self, flow):
        number = self.number
        return ((pair[0], (number, pair[1])) for pair in flow)


class Glom:
    def __call__(self, split, flow):
        return iter([list(flow)])


class Same:
    """The elements as they are."""

    def __call__(self, split, flow):
        return flow


class Take:
    """The first elements; no more is computed."""

    def __init__(self, count):
        self.count = count

    def __call__(self, split, flow):
        from itertools import islice

        return islice(iter(flow), self.count)
