"""How a worker's frames travel: on its gRPC stream, or on the bulk socket that the engine offers there.

Frames are described in proto/pyspark_compat/worker.proto. Both wires have read() -> (kind, body) and write(kind, *parts);
both raise Gone once the engine has let go of the worker, and in a process that a user's function forked off: the engine
speaks with the worker alone.
"""

import os
import queue
import socket
import struct

import grpc
import pyarrow as pa

_HEADER = struct.Struct("<c7xQ")
_AT_ONCE = 1000  # parts; systems take 1024
_SIZE = _HEADER.size
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.enable_http_proxy", 0)]
_UNDER_WAY = 8        # frames on their way at most, so that a worker waits where the engine does
_AHEAD = 1 << 16      # what is read to find headers; longer bodies are read where they stay
_BUFFER = 1 << 20     # what the kernel is asked to hold


class Gone(BaseException):
    """The engine has let go of this worker. No Exception: a user's function must not take it for one of its own."""


class RpcWire:
    """The worker's gRPC stream."""

    def __init__(self, address):
        self._outgoing = queue.Queue(_UNDER_WAY)
        self._channel = grpc.insecure_channel("unix:" + address, options=_OPTIONS)
        call = self._channel.stream_stream("/pyspark_compat.Worker/Serve")
        self._incoming = call(iter(self._outgoing.get, None))
        self._owner = os.getpid()

    def read(self):
        self._stay()
        try:
            frame = next(self._incoming)
        except (StopIteration, grpc.RpcError):
            raise Gone from None
        kind, size = _HEADER.unpack_from(frame)
        assert size == len(frame) - _SIZE, "a frame of another length than it says"
        return kind, pa.py_buffer(frame).slice(_SIZE)

    def write(self, kind, *parts):
        self._stay()
        self._outgoing.put(b"".join((_HEADER.pack(kind, sum(map(len, map(memoryview, parts)))), *map(memoryview, parts))))

    def _stay(self):
        if os.getpid() != self._owner:
            raise Gone


class BulkWire:
    """A Unix socket: bodies are read into and written from the columns' own memory."""

    def __init__(self, address, token):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER)
        self._socket.connect(address)
        self._socket.sendall(token.encode())
        self._read = memoryview(bytearray(_AHEAD))
        self._start = self._end = 0
        os.register_at_fork(after_in_child=self._socket.close)

    def read(self):
        if self._end - self._start < _SIZE:
            self._fill(_SIZE)
        kind, size = _HEADER.unpack_from(self._read, self._start)
        self._start += _SIZE
        at_hand = self._end - self._start
        if size <= at_hand:
            body = pa.py_buffer(self._read[self._start:self._start + size].tobytes())
            self._start += size
            return kind, body
        body = pa.allocate_buffer(size)
        into = memoryview(body).cast("B")
        into[:at_hand] = self._read[self._start:self._end]
        self._start = self._end = 0
        self._exactly(into[at_hand:])
        return kind, body

    def _fill(self, size):
        rest = self._end - self._start
        self._read[:rest] = self._read[self._start:self._end]
        self._start, self._end = 0, rest
        while self._end < size:
            self._end += self._some(self._read[self._end:])

    def _exactly(self, into):
        done = 0
        while done < len(into):
            done += self._some(into[done:])

    def _some(self, into):
        try:
            n = self._socket.recv_into(into)
        except OSError:
            n = 0
        if not n:
            raise Gone
        return n

    def write(self, kind, *parts):
        parts = [memoryview(p) for p in parts]
        left = sum(map(len, parts))
        parts.insert(0, memoryview(_HEADER.pack(kind, left)))
        left += _SIZE
        try:
            while True:
                sent = self._socket.sendmsg(parts[:_AT_ONCE])
                left -= sent
                if not left:
                    return
                while sent >= len(parts[0]):
                    sent -= len(parts.pop(0))
                parts[0] = parts[0][sent:]
        except OSError:
            raise Gone from None
