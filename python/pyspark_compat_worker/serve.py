"""A worker's life: it dials the engine, runs what it is told, one run after another, until its stream ends.

Frames are described in proto/pyspark_compat/worker.proto.
"""

import base64
import json
import os
import queue
import sys

import cloudpickle
import grpc
import pyarrow as pa

from . import failure, kinds
from .types import StructType, _parse_datatype_json_string

_HELLO, _OPEN, _DATA, _TAKEN, _FINISH, _FAILED = b"H", b"O", b"B", b"T", b"F", b"E"
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Function:
    """One user function of a run: how to call it and where its arguments lie."""

    __slots__ = ("arg_names", "args", "call", "name", "out")

    def __init__(self, message):
        self.name = message["name"]
        self.args = message["args"] or []
        self.arg_names = message["argNames"] or []
        self.out = _parse_datatype_json_string(json.dumps(message["out"]))
        self.call = cloudpickle.loads(base64.b64decode(message["command"]))[0]


class Run:
    """What the engine asked for with an O frame. `batches` gives its input, `emit` takes the results."""

    def __init__(self, spec, stream):
        self.kind = spec["kind"]
        self.functions = [Function(f) for f in spec["functions"]]
        self.input = StructType.fromJson(spec["input"])
        self.output = StructType.fromJson(spec["output"])
        self.keep = spec["keep"] or []
        self.zone = spec["zone"]
        self.conf = spec["conf"] or {}
        self.partition = spec["partition"]
        self.epoch = spec["epoch"]
        self._stream = stream

    def drained(self):
        """Whether the engine has sent all there is."""
        return self._stream.drained

    def batches(self):
        """The record batches of the run, as the engine sends them."""
        for frame in self._stream.incoming:
            if frame[:1] == _FINISH:
                self._stream.drained = True
                return
            with pa.ipc.open_stream(pa.py_buffer(memoryview(frame)[1:])) as reader:
                batch = reader.read_next_batch()
            yield batch
        raise EOFError("the engine's stream ended in the middle of a run")

    def taken(self):
        """Tells the engine that the function took a batch, for kinds that do not answer each with one."""
        self._stream.outgoing.put(_TAKEN)

    def emit(self, batch):
        sink = pa.BufferOutputStream()
        sink.write(_DATA)
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        self._stream.outgoing.put(sink.getvalue().to_pybytes())


class _Stream:
    """The two directions of a worker's stream."""

    def __init__(self, channel):
        self.outgoing = queue.SimpleQueue()
        call = channel.stream_stream("/pyspark_compat.Worker/Serve")
        self.incoming = call(iter(self.outgoing.get, None))
        self.drained = False


def serve(socket, token):
    """Runs until the engine ends the stream or kills the process."""
    with grpc.insecure_channel("unix:" + socket, options=_OPTIONS) as channel:
        stream = _Stream(channel)
        stream.outgoing.put(_HELLO + json.dumps({"pid": os.getpid(), "token": token}).encode())
        try:
            for frame in stream.incoming:
                if frame[:1] == _OPEN:
                    _run(frame[1:], stream)
        except grpc.RpcError:
            pass  # the engine has closed the stream: nothing is left to do


def _run(body, stream):
    stream.drained = False
    try:
        run = Run(json.loads(body), stream)
        kinds.run(run)
        if not stream.drained:  # a function that stopped early: what follows is not for it
            for _ in run.batches():
                run.taken()
    except grpc.RpcError:
        raise
    except BaseException as error:  # sys.exit in a user's function is an error of the function
        sys.stdout.flush()
        stream.outgoing.put(_FAILED + json.dumps(failure.describe(error)).encode())
        return
    sys.stdout.flush()
    sys.stderr.flush()
    stream.outgoing.put(_FINISH)
