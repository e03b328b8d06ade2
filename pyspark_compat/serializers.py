"""Serializers: objects to bytes and streams of length-prefixed frames, by pickle, cloudpickle and marshal."""
import itertools
import marshal
import pickle
import struct
import zlib

__all__ = ["CPickleSerializer", "CloudPickleSerializer", "MarshalSerializer", "PickleSerializer", "UTF8Deserializer"]

pickle_protocol = pickle.HIGHEST_PROTOCOL


class SpecialLengths:
    """Lengths that mean something else than a length."""

    END_OF_DATA_SECTION = -1
    PYTHON_EXCEPTION_THROWN = -2
    TIMING_DATA = -3
    END_OF_STREAM = -4
    NULL = -5
    START_ARROW_STREAM = -6
    START_OF_INIT_MESSAGE = -8


class Serializer:
    """Turns objects into bytes, one by one or as a stream."""

    def dump_stream(self, iterator, stream):
        raise NotImplementedError

    def load_stream(self, stream):
        raise NotImplementedError

    def dumps(self, obj):
        raise NotImplementedError

    def _load_stream_without_unbatching(self, stream):
        return ([value] for value in self.load_stream(stream))

    def __eq__(self, other):
        return isinstance(other, self.__class__) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self.__eq__(other)

    def __repr__(self):
        return f"{type(self).__name__}()"

    def __hash__(self):
        return hash(str(self))


class FramedSerializer(Serializer):
    """Writes each object as a length of 32 bits and its bytes."""

    def dump_stream(self, iterator, stream):
        for obj in iterator:
            self._write_with_length(obj, stream)

    def load_stream(self, stream):
        while True:
            try:
                value = self._read_with_length(stream)
            except EOFError:
                return
            yield value

    def _write_with_length(self, obj, stream):
        body = self.dumps(obj)
        if body is None:
            raise ValueError("a serialized value must not be None")
        if len(body) > 1 << 31:
            raise ValueError("an object of more than 2 GB does not serialize")
        write_with_length(body, stream)

    def _read_with_length(self, stream):
        length = read_int(stream)
        if length == SpecialLengths.END_OF_DATA_SECTION:
            raise EOFError
        if length == SpecialLengths.NULL:
            return None
        body = stream.read(length)
        if len(body) < length:
            raise EOFError
        return self.loads(body)

    def loads(self, obj):
        raise NotImplementedError


class BatchedSerializer(Serializer):
    """Writes lists of objects with another serializer."""

    UNLIMITED_BATCH_SIZE = -1
    UNKNOWN_BATCH_SIZE = 0

    def __init__(self, serializer, batchSize=UNLIMITED_BATCH_SIZE):
        self.serializer = serializer
        self.batchSize = batchSize

    def _batched(self, iterator):
        if self.batchSize == self.UNLIMITED_BATCH_SIZE:
            yield list(iterator)
            return
        rest = iter(iterator)
        while batch := list(itertools.islice(rest, self.batchSize)):
            yield batch

    def dump_stream(self, iterator, stream):
        self.serializer.dump_stream(self._batched(iterator), stream)

    def load_stream(self, stream):
        return itertools.chain.from_iterable(self._load_stream_without_unbatching(stream))

    def _load_stream_without_unbatching(self, stream):
        return self.serializer.load_stream(stream)

    def __repr__(self):
        return f"BatchedSerializer({self.serializer}, {self.batchSize})"


class AutoBatchedSerializer(BatchedSerializer):
    """Batches of about one size in bytes."""

    def __init__(self, serializer, bestSize=1 << 16):
        super().__init__(serializer, self.UNKNOWN_BATCH_SIZE)
        self.bestSize = bestSize

    def dump_stream(self, iterator, stream):
        rest, count = iter(iterator), 1
        while values := list(itertools.islice(rest, count)):
            body = self.serializer.dumps(values)
            write_with_length(body, stream)
            if len(body) < self.bestSize:
                count *= 2
            elif len(body) > self.bestSize * 10 and count > 1:
                count //= 2

    def __repr__(self):
        return f"AutoBatchedSerializer({self.serializer})"


class FlattenedValuesSerializer(BatchedSerializer):
    """Writes pairs of key and list, long lists in parts."""

    def __init__(self, serializer, batchSize=10):
        super().__init__(serializer, batchSize)

    def _batched(self, iterator):
        size = self.batchSize
        for key, values in iterator:
            for start in range(0, len(values), size):
                yield key, values[start:start + size]

    def load_stream(self, stream):
        return self.serializer.load_stream(stream)

    def __repr__(self):
        return f"FlattenedValuesSerializer({self.serializer}, {self.batchSize})"


class _Two(Serializer):
    """Reads a stream in which batches of two serializers take turns."""

    def __init__(self, key_ser, val_ser):
        self.key_ser = key_ser
        self.val_ser = val_ser

    def _batches(self, stream):
        return zip(self.key_ser._load_stream_without_unbatching(stream),
                   self.val_ser._load_stream_without_unbatching(stream))

    def load_stream(self, stream):
        return itertools.chain.from_iterable(self._load_stream_without_unbatching(stream))

    def __repr__(self):
        return f"{type(self).__name__}({self.key_ser}, {self.val_ser})"


class CartesianDeserializer(_Two):
    """All pairs of two batches."""

    def _load_stream_without_unbatching(self, stream):
        for keys, values in self._batches(stream):
            yield itertools.product(keys, values)


class PairDeserializer(_Two):
    """The pairs of two batches of one length."""

    def _load_stream_without_unbatching(self, stream):
        for keys, values in self._batches(stream):
            keys, values = list(keys), list(values)
            if len(keys) != len(values):
                raise ValueError("Can not deserialize PairRDD with different number of items in batches: (%d, %d)" % (
                    len(keys), len(values)))
            yield zip(keys, values)


class NoOpSerializer(FramedSerializer):
    """Bytes as they are."""

    def loads(self, obj):
        return obj

    def dumps(self, obj):
        return obj


class PickleSerializer(FramedSerializer):
    """Python's pickle."""

    def dumps(self, obj):
        return pickle.dumps(obj, pickle_protocol)

    def loads(self, obj, encoding="bytes"):
        return pickle.loads(obj, encoding=encoding)


class CloudPickleSerializer(FramedSerializer):
    """cloudpickle: functions and classes by value; `allowed_names` limits what may be loaded."""

    allowed_names = None

    def __init__(self, allowed_names=None):
        super().__init__()
        self.allowed_names = allowed_names

    def dumps(self, obj):
        import cloudpickle

        try:
            return cloudpickle.dumps(obj, pickle_protocol)
        except pickle.PickleError:
            raise
        except Exception as e:
            raise pickle.PicklingError(f"Could not serialize object: {type(e).__name__}: {e}") from e

    def loads(self, obj, encoding="bytes"):
        if self.allowed_names is not None:
            return _restricted(obj, self.allowed_names, encoding)
        import cloudpickle

        return cloudpickle.loads(obj, encoding=encoding)


def _restricted(body, allowed, encoding):
    import io

    class Unpickler(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) not in allowed:
                raise pickle.UnpicklingError(f"{module}.{name} may not be loaded")
            return super().find_class(module, name)

    return Unpickler(io.BytesIO(body), encoding=encoding).load()


CPickleSerializer = CloudPickleSerializer


class MarshalSerializer(FramedSerializer):
    """Python's marshal: fast, for plain values."""

    def dumps(self, obj):
        return marshal.dumps(obj)

    def loads(self, obj):
        return marshal.loads(obj)


class AutoSerializer(FramedSerializer):
    """marshal until it meets a value that needs pickle."""

    def __init__(self):
        super().__init__()
        self._type = None

    def dumps(self, obj):
        if self._type is None:
            try:
                return b"M" + marshal.dumps(obj)
            except ValueError:
                self._type = b"P"
        return b"P" + pickle.dumps(obj, -1)

    def loads(self, obj):
        kind, body = obj[:1], obj[1:]
        if kind == b"M":
            return marshal.loads(body)
        if kind == b"P":
            return pickle.loads(body)
        raise ValueError(f"unknown kind of serialization: {kind!r}")


class CompressedSerializer(FramedSerializer):
    """Another serializer's bytes, compressed."""

    def __init__(self, serializer):
        super().__init__()
        assert isinstance(serializer, FramedSerializer), "serializer must be a FramedSerializer"
        self.serializer = serializer

    def dumps(self, obj):
        return zlib.compress(self.serializer.dumps(obj), 1)

    def loads(self, obj):
        return self.serializer.loads(zlib.decompress(obj))

    def __repr__(self):
        return f"CompressedSerializer({self.serializer})"


class UTF8Deserializer(Serializer):
    """Reads strings."""

    def __init__(self, use_unicode=True):
        self.use_unicode = use_unicode

    def loads(self, stream):
        length = read_int(stream)
        if length == SpecialLengths.END_OF_DATA_SECTION:
            raise EOFError
        if length == SpecialLengths.NULL:
            return None
        body = stream.read(length)
        return body.decode("utf-8") if self.use_unicode else body

    def load_stream(self, stream):
        while True:
            try:
                value = self.loads(stream)
            except (struct.error, EOFError):
                return
            yield value

    def __repr__(self):
        return f"UTF8Deserializer({self.use_unicode})"


def _read(stream, form, size):
    body = stream.read(size)
    if not body:
        raise EOFError
    return struct.unpack(form, body)[0]


def read_long(stream):
    return _read(stream, "!q", 8)


def write_long(value, stream):
    stream.write(struct.pack("!q", value))


def pack_long(value):
    return struct.pack("!q", value)


def read_int(stream):
    return _read(stream, "!i", 4)


def write_int(value, stream):
    stream.write(struct.pack("!i", value))


def read_bool(stream):
    return _read(stream, "!?", 1)


def write_with_length(obj, stream):
    write_int(len(obj), stream)
    stream.write(obj)
