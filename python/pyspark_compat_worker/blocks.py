"""Blocks: pickled lists of elements, one behind another, in memory or in a range of a file."""
import errno
import io
import os
import pickle
from itertools import chain, islice

from . import elements

PROTOCOL = 5
_FIRST, _MOST = 8, 8192    # elements of a block
_GOAL = 1 << 16            # bytes that a block may grow to


class Lost(BaseException):
    """A file is not what it should be. No Exception: a user's function must not take it for one of its own."""

    def __init__(self, path, reason):
        super().__init__(path, reason)
        self.path, self.reason = path, reason


def lists(values):
    """The elements in lists, each with its block. How long they are depends on nothing but the elements."""
    size, iterator = _FIRST, iter(values)
    while True:
        part = list(islice(iterator, size))
        if not part:
            return
        block = elements.dumps(part)
        yield part, block
        if len(block) < _GOAL // 4 and size < _MOST:
            size *= 4
        elif len(block) > 2 * _GOAL and size > 1:
            size //= 2


def read(ranges):
    """The elements of blocks; each of ranges is bytes, or (path, offset, length), where -1 is all that follows."""
    return chain.from_iterable(_lists_of(ranges))


def _lists_of(ranges):
    for place in ranges:
        if isinstance(place, (bytes, memoryview)):
            yield from _in_memory(place)
        else:
            yield from _in_file(*place)


def _in_memory(body):
    file, end = io.BytesIO(body), len(body)
    while file.tell() < end:
        yield pickle.load(file)


def _in_file(path, offset, length):
    try:
        file = open(path, "rb")
    except OSError as error:
        raise Lost(path, str(error)) from None
    with file:
        end = file.seek(0, io.SEEK_END) if length < 0 else offset + length
        file.seek(offset)
        while file.tell() < end:
            try:
                block = pickle.load(file)
            except (EOFError, OSError, pickle.UnpicklingError) as error:
                raise Lost(path, str(error)) from None
            yield block


def _fresh(path):
    """A new file; a worker that was killed amid this task may have left one."""
    try:
        return open(path, "xb")
    except FileExistsError:
        os.unlink(path)
        return open(path, "xb")


def _refused(error, path):
    """What the user can do where the disk takes no more."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    return OSError(error.errno, f"{error.strerror} for what tasks store. Make room, or name a folder on a larger disk by spark.local.dir", path)


class Output:
    """Where blocks are written: in memory until there are more than `inline` bytes, then in a file."""

    def __init__(self, path, inline):
        self._path, self._inline = path, inline
        self._parts, self._file = [], None
        self.size = 0

    def write(self, block):
        self.size += len(block)
        try:
            if self._file is not None:
                self._file.write(block)
                return
            self._parts.append(block)
            if self.size > self._inline:
                self._file = _fresh(self._path)
                self._file.writelines(self._parts)
                self._parts = None
        except OSError as error:
            raise _refused(error, self._path) from None

    def close(self):
        """The path of the file, or None and what is to be sent."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                raise _refused(error, self._path) from None
            return self._path, None
        return None, b"".join(self._parts)

    def discard(self):
        """Removes what a task that failed has written."""
        if self._file is not None:
            try:
                os.unlink(self._path)
                self._file.close()
            except OSError:
                pass  # no room for the rest of it, or gone already
