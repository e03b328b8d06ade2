"""The state of a group in applyInPandasWithState, as user code sees it."""
import datetime
import sys

from pyspark_compat_worker.errors import PySparkRuntimeError, PySparkTypeError, PySparkValueError, wrong_type

__all__ = ["GroupState", "GroupStateTimeout"]


class GroupStateTimeout:
    """Kinds of timeout of a group's state."""

    NoTimeout = "NoTimeout"
    ProcessingTimeTimeout = "ProcessingTimeTimeout"
    EventTimeTimeout = "EventTimeTimeout"


class GroupState:
    """A group's state: a tuple, or none, and the time at which the group is called without data."""

    NO_TIMESTAMP = -1

    __slots__ = ("_clock", "_defined", "_removed", "_timed_out", "_timeout", "_updated", "_value")

    def __init__(self, value, clock, timed_out=False):
        self._value = value
        self._clock = clock
        self._timed_out = timed_out
        self._defined = value is not None
        self._updated = self._removed = False
        self._timeout = self.NO_TIMESTAMP

    @property
    def exists(self):
        """Whether there is a state."""
        return self._defined

    @property
    def get(self):
        """The state, a tuple. Raises STATE_NOT_EXISTS where there is none."""
        if not self._defined:
            raise PySparkValueError(errorClass="STATE_NOT_EXISTS", messageParameters={})
        return self._value

    @property
    def getOption(self):
        """The state, or None where there is none."""
        return self._value if self._defined else None

    @property
    def hasTimedOut(self):
        """Whether this call is for a group whose time is out."""
        return self._timed_out

    @property
    def oldTimeoutTimestamp(self):
        """The timeout that the state had before this call changed it."""
        return self.NO_TIMESTAMP

    def update(self, newValue):
        """Sets the state to a tuple (anything that gives its fields in turn). Raises CANNOT_BE_NONE for None."""
        if newValue is None:
            raise PySparkTypeError(errorClass="CANNOT_BE_NONE", messageParameters={"arg_name": "newValue"})
        self._value = tuple(map(_plain, newValue))
        self._defined = self._updated = True
        self._removed = False

    def remove(self):
        """Removes the state."""
        self._defined = self._updated = False
        self._removed = True

    def setTimeoutDuration(self, durationMs):
        """The group's time is out so many milliseconds from now. Needs ProcessingTimeTimeout."""
        if isinstance(durationMs, str):
            raise wrong_type("int", "durationMs", durationMs)
        if self._clock.timeout != GroupStateTimeout.ProcessingTimeTimeout:
            raise _without("set timeout duration", "enabling processing time timeout in applyInPandasWithState")
        _positive("durationMs", durationMs)
        self._timeout = durationMs + self._clock.now

    def setTimeoutTimestamp(self, timestampMs):
        """The group's time is out once the watermark has passed a time: milliseconds since 1970, or a datetime.

        Needs EventTimeTimeout; raises INVALID_TIMEOUT_TIMESTAMP for a time that lies before the watermark.
        """
        if self._clock.timeout != GroupStateTimeout.EventTimeTimeout:
            raise _without("set timeout duration", "enabling processing time timeout in applyInPandasWithState")
        if isinstance(timestampMs, datetime.datetime):
            from pyspark_compat_worker.types_base import TimestampType

            timestampMs = TimestampType().toInternal(timestampMs) / 1000
        _positive("timestampMs", timestampMs)
        watermark = self._clock.watermark
        if watermark != self.NO_TIMESTAMP and timestampMs < watermark:
            raise PySparkValueError(errorClass="INVALID_TIMEOUT_TIMESTAMP", messageParameters={
                "timestamp": str(timestampMs), "watermark": str(watermark)})
        self._timeout = timestampMs

    def getCurrentWatermarkMs(self):
        """The query's watermark in milliseconds since 1970. Needs a watermark in the query."""
        if not self._clock.watermarked:
            raise _without("get event time watermark timestamp", "setting watermark before applyInPandasWithState")
        return self._clock.watermark

    def getCurrentProcessingTimeMs(self):
        """The time of this batch in milliseconds since 1970, the same for all of its calls."""
        return self._clock.now

    def __str__(self):
        return f"GroupState({self._value})" if self._defined else "GroupState(<undefined>)"

    __repr__ = object.__repr__


class Clock:
    """What all states of a batch have in common."""

    __slots__ = ("now", "timeout", "watermark", "watermarked")

    def __init__(self, timeout, now, watermark, watermarked):
        self.timeout = timeout
        self.now = now
        self.watermark = watermark
        self.watermarked = watermarked


def _positive(name, value):
    if value <= 0:
        raise PySparkValueError(errorClass="VALUE_NOT_POSITIVE", messageParameters={
            "arg_name": name, "arg_value": type(value).__name__})


def _without(wanted, needed):
    return PySparkRuntimeError(errorClass="CANNOT_WITHOUT", messageParameters={
        "condition1": wanted, "condition2": needed})


_PLAIN = {int, str, float, bool, bytes, type(None), list, dict, tuple, datetime.datetime, datetime.date}


def _plain(value):
    """A value of NumPy or pandas as Python's own."""
    if type(value) in _PLAIN:
        return value
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return value.tolist()
    if hasattr(value, "to_pytimedelta"):
        return value.to_pytimedelta()
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    return value
