"""Broadcast variables: a value that lies pickled in a file, which driver and workers read once each.

A worker keeps what its last run used and forgets the rest when the next run begins.
"""
import gc
import os
import pickle
import sys
from typing import Generic, TypeVar

from .errors import PySparkRuntimeError

T = TypeVar("T")

_loaded = {}  # in a worker: the variables by their number and file
_used = set()


class Broadcast(Generic[T]):
    """A read-only value that functions on workers share."""

    __module__ = "pyspark_compat.core.broadcast"  # as it shows itself; its pickles name this module

    def __init__(self, sc=None, value=None, pickle_registry=None, path=None, sock_file=None):
        self._sc = sc
        self._id = None
        if sc is not None:
            self._id, self._path = sc._new_broadcast()
            try:
                with open(self._path, "wb") as file:
                    self.dump(value, file)
            except BaseException:
                os.unlink(self._path)
                raise
        elif sock_file is not None:
            self._path, self._value = None, self.load(sock_file)
        else:
            self._path = path

    def dump(self, value, f):
        """Pickles a value into a file and closes it."""
        try:
            pickle.dump(value, f, pickle.HIGHEST_PROTOCOL)
        except pickle.PickleError:
            raise
        except Exception as e:
            import traceback

            traceback.print_exc(file=sys.stderr)
            raise pickle.PicklingError(f"Could not serialize broadcast: {type(e).__name__}: {e}") from e
        f.close()

    def load_from_path(self, path):
        """The value pickled in the file of a path."""
        with open(path, "rb", 1 << 20) as file:
            return self.load(file)

    def load(self, file):
        """The value pickled in an open file."""
        was_on = gc.isenabled()
        gc.disable()
        try:
            return pickle.load(file)
        finally:
            if was_on:
                gc.enable()

    @property
    def value(self):
        """The value, read from its file the first time."""
        if not hasattr(self, "_value") and self._path is not None:
            self._value = self.load_from_path(self._path)
        return self._value

    def _check(self, operation):
        if self._sc is None:
            raise PySparkRuntimeError(
                errorClass="INVALID_BROADCAST_OPERATION", messageParameters={"operation": operation})

    def unpersist(self, blocking=False):
        """Has workers drop their copies; they read the value again where it is used again."""
        self._check("unpersisted")
        self._sc._check_broadcast(self._id, "unpersist")

    def destroy(self, blocking=False):
        """Ends the variable everywhere: functions that use it fail from now on."""
        self._check("destroyed")
        self._sc._destroy_broadcast(self._id)
        os.unlink(self._path)

    def __reduce__(self):
        self._check("serialized")
        self._sc._check_broadcast(self._id, "use")
        return _in_worker, (self._id, self._path)


def _in_worker(number, path):
    key = number, path
    _used.add(key)
    if key not in _loaded:
        _loaded[key] = Broadcast(path=path)
    return _loaded[key]


def begin():
    """In a worker, before a run's functions are unpickled."""
    for key in _loaded.keys() - _used:
        del _loaded[key]
    _used.clear()
