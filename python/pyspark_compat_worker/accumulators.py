"""Accumulators: values that functions add to on workers and that only the driver reads.

In the driver the registry holds all accumulators of the process. A worker's holds those that the functions of one run
brought along, each started at its zero; `updates` pickles what was added, and the driver applies it once the run counts.
"""
import pickle
from typing import Generic, TypeVar

from .errors import PySparkRuntimeError

T = TypeVar("T")

registry = {}  # by id
collect = None  # the driver's: brings what runs have added since the last call


class Accumulator(Generic[T]):
    """A value that is added to. Reading or setting `value` works in the driver only."""

    def __init__(self, aid, value, accum_param):
        self.aid = aid
        self.accum_param = accum_param
        self._value = value
        self._deserialized = False
        registry[aid] = self

    def __reduce__(self):
        return _in_worker, (self.aid, self.accum_param.zero(self._value), self.accum_param)

    def _check(self):
        if self._deserialized:
            raise PySparkRuntimeError(
                errorClass="VALUE_NOT_ACCESSIBLE", messageParameters={"value": "Accumulator.value"})
        if collect is not None:
            collect()

    @property
    def value(self):
        """What was added up. Raises VALUE_NOT_ACCESSIBLE in a worker."""
        self._check()
        return self._value

    @value.setter
    def value(self, value):
        self._check()
        self._value = value

    def add(self, term):
        """Adds a term."""
        self._value = self.accum_param.addInPlace(self._value, term)

    def __iadd__(self, term):
        self.add(term)
        return self

    def __str__(self):
        return str(self._value)

    def __repr__(self):
        return "Accumulator<id=%i, value=%s>" % (self.aid, self._value)


def _in_worker(aid, zero, param):
    """The accumulator of this id in this run: functions that were pickled apart share one."""
    known = registry.get(aid)
    if known is None:
        known = Accumulator(aid, zero, param)
        known._deserialized = True
    return known


class AccumulatorParam:
    """How values are added: to be subclassed."""

    def zero(self, value):
        """What a worker starts at; `value` shows the form."""
        raise NotImplementedError

    def addInPlace(self, value1, value2):
        """The sum of two values; value1 may be changed and given back."""
        raise NotImplementedError


class AddingAccumulatorParam(AccumulatorParam):
    """Adds with +."""

    def __init__(self, zero_value):
        self.zero_value = zero_value

    def zero(self, value):
        return self.zero_value

    def addInPlace(self, value1, value2):
        value1 += value2
        return value1


INT_ACCUMULATOR_PARAM = AddingAccumulatorParam(0)
FLOAT_ACCUMULATOR_PARAM = AddingAccumulatorParam(0.0)
COMPLEX_ACCUMULATOR_PARAM = AddingAccumulatorParam(0.0j)


def reset():
    """In a worker, before a run's functions are unpickled."""
    registry.clear()


def take_updates():
    """In a worker, at the end of a run: a pickle of pairs of id and what was added, or none."""
    if not registry:
        return []
    import cloudpickle

    return [cloudpickle.dumps([(aid, one._value) for aid, one in registry.items()], pickle.HIGHEST_PROTOCOL)]
