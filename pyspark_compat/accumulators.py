"""Accumulators in the driver: what runs on workers have added is fetched from the engine and applied here."""
import logging
import pickle

from pyspark_compat.serializers import CloudPickleSerializer, CPickleSerializer
from pyspark_compat_worker import accumulators as _parts
from pyspark_compat_worker.accumulators import (  # noqa: F401
    COMPLEX_ACCUMULATOR_PARAM, FLOAT_ACCUMULATOR_PARAM, INT_ACCUMULATOR_PARAM, Accumulator, AccumulatorParam,
    AddingAccumulatorParam)
from pyspark_compat_worker.accumulators import registry as _accumulatorRegistry

__all__ = ["Accumulator", "AccumulatorParam"]

_log = logging.getLogger("pyspark_compat")
pickleSer = CPickleSerializer()
specialAccumulatorSer = CloudPickleSerializer(allowed_names=[("pstats", "Stats")])


class SpecialAccumulatorIds:
    """Numbers of accumulators that profilers use."""

    SQL_UDF_PROFIER = -1
    SQL_UDF_PROFIER_V2 = -2


def default_param(value):
    """How values of a number's type are added. Raises TypeError for other types."""
    for kind, param in ((int, INT_ACCUMULATOR_PARAM), (float, FLOAT_ACCUMULATOR_PARAM),
                        (complex, COMPLEX_ACCUMULATOR_PARAM)):
        if isinstance(value, kind):
            return param
    raise TypeError(f"No default accumulator param for type {type(value)}")


def apply(updates):
    """Adds what runs have added: pickled lists of pairs. An accumulator that cannot add is logged, and the others go on."""
    for pickled in updates:
        try:
            pairs = pickle.loads(pickled)
        except Exception:
            _log.exception("What a task has added to accumulators cannot be read, and is lost")
            continue
        for aid, added in pairs:
            one = _accumulatorRegistry.get(aid)
            if one is None:
                continue
            try:
                one.add(added)
            except Exception:
                _log.exception("Accumulator %d's addInPlace raised in the driver: what a task has added is lost", aid)


def connect(drain):
    """Has reading a value bring the updates that `drain` gives; None ends it."""
    _parts.collect = None if drain is None else lambda: apply(drain())


def collect():
    """Brings what runs have added, where there is an accumulator."""
    if _parts.collect is not None and _accumulatorRegistry:
        _parts.collect()
