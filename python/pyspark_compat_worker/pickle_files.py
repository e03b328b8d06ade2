"""Files of pickled lists as saveAsPickleFile writes them: Hadoop SequenceFiles, without compression, whose values are Java's
serialized arrays of byte arrays. What PySpark wrote is read, and PySpark reads what is written here.
"""
import os
import pickle
import struct
from itertools import islice

_HEAD = (b"SEQ\x06!org.apache.hadoop.io.NullWritable\"org.apache.hadoop.io.BytesWritable" + b"\0\0" + b"\0\0\0\0")
_RECORD = 10        # lists of a record
_SYNC_EVERY = 100 << 10
_ARRAYS = b"\xac\xed\0\5ur\0\3[[BK\xfd\x19\x15gg\xdb7\2\0\0xp"
_ARRAY = b"ur\0\2[B\xac\xf3\x17\xf8\6\x08T\xe0\2\0\0xp"
_AGAIN = b"uq\0~\0\2"  # an array of the same class


def write(path, pickled):
    """Writes pickled lists."""
    sync = os.urandom(16)
    with open(path, "xb") as file:
        file.write(_HEAD + sync)
        last, iterator = file.tell(), iter(pickled)
        while record := list(islice(iterator, _RECORD)):
            if file.tell() >= last + _SYNC_EVERY:
                file.write(b"\xff\xff\xff\xff" + sync)
                last = file.tell()
            value = _serialized(record)
            file.write(struct.pack(">III", len(value) + 4, 0, len(value)) + value)


def _serialized(parts):
    """Java's form of an array of byte arrays."""
    out, head = [_ARRAYS, struct.pack(">I", len(parts))], _ARRAY
    for part in parts:
        out += [head, struct.pack(">I", len(part)), part]
        head = _AGAIN
    return b"".join(out)


class PickledLists:
    """The elements of a part of such a file: of the records behind the marks in it."""

    def __call__(self, split, inputs):
        path, start, length = pickle.loads(inputs[-1]())
        for record in records(path, start, start + length):
            for pickled in _arrays(record, path):
                elements = pickle.loads(pickled, encoding="bytes")
                yield from elements if isinstance(elements, list) else [elements]


def records(path, start, end):
    """The values of the records from the first mark behind `start` to the first behind `end`."""
    with open(path, "rb") as file:
        sync = _header(file, path)
        if start > file.tell():
            file.seek(_mark(file, start, sync))
        while True:
            at = file.tell()
            size = file.read(4)
            if len(size) < 4:
                return
            if size == b"\xff\xff\xff\xff":
                if file.read(16) != sync:
                    raise ValueError(f"{path} is damaged at byte {at}")
                if at >= end:
                    return
                continue
            total, key = struct.unpack(">I", size)[0], struct.unpack(">I", file.read(4))[0]
            file.seek(key, 1)
            value = file.read(total - key)
            yield value[4:4 + struct.unpack_from(">I", value)[0]]


def _header(file, path):
    if file.read(4) != b"SEQ\x06":
        raise ValueError(f"file:{path} not a SequenceFile: it was not written by saveAsPickleFile")
    key, value = (file.read(file.read(1)[0]) for _ in range(2))
    compressed, in_blocks = file.read(2)
    if not value.endswith(b".BytesWritable") or compressed or in_blocks:
        raise ValueError(f"{path} holds {key.decode()} and {value.decode()}, compressed: {bool(compressed)}; what "
                         "saveAsPickleFile writes without compression is read")
    for _ in range(2 * struct.unpack(">I", file.read(4))[0]):  # its metadata: texts
        file.seek(file.read(1)[0], 1)
    return file.read(16)


def _mark(file, start, sync):
    """Where the first mark from `start` on lies; the file's end if there is none."""
    file.seek(start)
    rest = file.read()
    found = rest.find(b"\xff\xff\xff\xff" + sync)
    return start + (len(rest) if found < 0 else found)


def _arrays(value, path):
    """The byte arrays of a serialized array."""
    if not value.startswith(_ARRAYS):
        raise ValueError(f"{path} holds other values than saveAsPickleFile writes")
    at = len(_ARRAYS)
    count, at = struct.unpack_from(">I", value, at)[0], at + 4
    for _ in range(count):
        at += len(_ARRAY if value.startswith(_ARRAY, at) else _AGAIN)
        size, at = struct.unpack_from(">I", value, at)[0], at + 4
        yield value[at:at + size]
        at += size
