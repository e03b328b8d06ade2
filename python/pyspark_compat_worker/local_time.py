"""Instants in the machine's zone, many at once."""
import sys
import time
from datetime import datetime, timedelta

_BLOCK = 900  # seconds: no zone changes its offset inside a quarter of an hour
_EPOCH = datetime(1970, 1, 1)


def offset_at(seconds):
    """The machine's offset from UTC at an instant."""
    return time.localtime(seconds).tm_gmtoff


def numpy_for(count):
    """NumPy where it pays: it is loaded already, or there are many values."""
    found = sys.modules.get("numpy")
    if found is not None or count < 20000:
        return found
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def fixed_offset():
    """The machine's offset when it never changes (UTC and its like), else None."""
    if time.daylight == 0 and time.timezone == 0 and time.tzname[0] in ("UTC", "GMT", "Etc", "Universal"):
        return 0
    return None


def datetimes(micros):
    """Datetimes without zone from microseconds since the epoch, taken as they are; None stays None."""
    base, step = _EPOCH, timedelta
    return [None if v is None else base + step(0, 0, v) for v in micros]


def shifted(micros):
    """Microseconds of local wall clocks from microseconds of instants; None stays None."""
    if fixed_offset() == 0:
        return micros
    offsets = {}
    out = []
    for v in micros:
        if v is not None:
            block = v // (_BLOCK * 1_000_000)
            offset = offsets.get(block)
            if offset is None:
                offset = offsets[block] = offset_at(block * _BLOCK) * 1_000_000
            v += offset
        out.append(v)
    return out


def shifted_array(np, micros):
    """`shifted` for a NumPy array of int64."""
    if fixed_offset() == 0 or not len(micros):
        return micros
    blocks, where = np.unique(micros // (_BLOCK * 1_000_000), return_inverse=True)
    offsets = np.array([offset_at(int(b) * _BLOCK) for b in blocks], dtype="int64") * 1_000_000
    return micros + offsets[where]
