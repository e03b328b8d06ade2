"""How much memory this process uses, and files for what does not fit into it."""
import ctypes
import gc
import os
import pickle
import tempfile

from .elements import blocks

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PIECE = 1 << 18  # bytes of a pickled list, about


def resident():
    """The bytes of this process's own memory that are in use."""
    with open("/proc/self/statm", "rb") as file:
        fields = file.read().split()
    return (int(fields[1]) - int(fields[2])) * _PAGE


class Meter:
    """Tells when this process has grown by more than `limit` bytes since it began to work; 0 is no limit.

    What was freed does not always leave the process, so after each `relieved` an eighth of the limit is granted.
    """

    _start = (0, 0)  # a process and what it used at first: a fork has its own

    def __init__(self, limit):
        if Meter._start[0] != os.getpid():
            Meter._start = (os.getpid(), resident())
        self.limit = self._next = limit

    def _used(self):
        return resident() - Meter._start[1]

    def full(self):
        return self.limit > 0 and self._used() >= self._next

    def relieved(self):
        gc.collect()
        try:
            ctypes.CDLL(None).malloc_trim(0)
        except (AttributeError, OSError):
            pass  # another C library: what is free is found again all the same
        self._next = max(self.limit, self._used() + self.limit // 8)


class Blocks:
    """A file of pickled lists, written once and read in order. It has no name: it goes with this object or process."""

    def __init__(self):
        self._file = tempfile.TemporaryFile(dir=folder(), buffering=1 << 16)
        self._starts = [0]
        self.keys = 0  # how many keys there are at least in what was written

    def write(self, values):
        """Adds the values in lists of a moderate size each."""
        for block in blocks(values, _PIECE):
            self._file.write(block)
            self._starts.append(self._starts[-1] + len(block))

    @property
    def size(self):
        return self._starts[-1]

    def read(self):
        """The lists, one by one. Several readers may take turns."""
        self._file.flush()
        number = self._file.fileno()
        for start, end in zip(self._starts, self._starts[1:]):
            yield pickle.loads(os.pread(number, end - start, start))

    def close(self):
        self._file.close()


def folder():
    """Where this process keeps what does not fit into memory: the application's local directory."""
    place = os.environ.get("PYSPARK_COMPAT_LOCAL") or os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0]
    if place:
        os.makedirs(place, exist_ok=True)
    return place or None
