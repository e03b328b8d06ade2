"""What the engine asks a worker for: a spec, which it may have read before, and one run of it."""

import collections
import json
import struct

import cloudpickle
import pyarrow as pa

from . import around, convert
from .types import StructType, _parse_datatype_json_string
from .wire import Gone

_HEAD = struct.Struct("<qqqqQ")
_KNOWN = 64
_MOST_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
_PROPERTY = "pyspark_compat.local."  # before the names of local properties
_known = collections.OrderedDict()  # specs by their JSON


class Function:
    """One user function of a spec: where its arguments lie. Its code is a run's own."""

    __slots__ = ("arg_names", "args", "name", "out", "size")

    def __init__(self, message):
        self.name = message["name"]
        self.args = message["args"] or []
        self.arg_names = message["argNames"] or []
        self.size = message["command"]
        self.out = _parse_datatype_json_string(json.dumps(message["out"]))


class State:
    """What a function with state is told of it."""

    def __init__(self, message):
        self.type = StructType.fromJson(message["type"])
        self.timeout = message["timeout"]
        self.watermarked = message["watermarked"]


class Spec:
    """What is the same in all runs of one operator. `made` holds what a kind makes of it once."""

    def __init__(self, message):
        self.kind = message["kind"]
        self.functions = [Function(f) for f in message["functions"]]
        self.input = StructType.fromJson(message["input"])
        self.output = StructType.fromJson(message["output"])
        self.schema = convert.arrow_schema(self.output)
        self.keep = message["keep"] or []
        self.keys = message.get("keys") or []
        self.other = StructType.fromJson(message.get("other") or {"fields": []})
        self.other_keys = message.get("otherKeys") or []
        self.other_args = message.get("otherArgs") or []
        self.state = State(message["state"]) if message.get("state") else None
        self.zone = message["zone"]
        self.conf = message["conf"] or {}
        self.properties = {
            key[len(_PROPERTY):]: value for key, value in self.conf.items() if key.startswith(_PROPERTY)}
        self.made = None


def _spec(text):
    spec = _known.get(text)
    if spec is None:
        spec = _known[text] = Spec(json.loads(text))
        if len(_known) > _KNOWN:
            _known.popitem(last=False)
    else:
        _known.move_to_end(text)
    return spec


def pieces(batch, most):
    """A batch in parts of a number of rows at most; none for a number below one."""
    rows = batch.num_rows
    if most <= 0 or rows <= most:
        return (batch,)
    return [batch.slice(start, most) for start in range(0, rows, most)]


class Run:
    """One run: `batches` gives its input, `emit` takes its results, `calls` are its functions."""

    def __init__(self, body, wire):
        self.partition, self.epoch, self.now, self.watermark, size = _HEAD.unpack_from(body)
        view = memoryview(body)[_HEAD.size:]
        self.spec = _spec(view[:size].tobytes())
        self.calls = []
        around.begin({"partitionId": self.partition, "localProperties": self.spec.properties})
        for function in self.spec.functions:
            self.calls.append(cloudpickle.loads(view[size:size + function.size])[0])
            size += function.size
        self.drained = False  # the engine has sent all there is
        self.most_rows = int(self.spec.conf.get(_MOST_ROWS) or 10000)
        if self.most_rows <= 0:
            self.most_rows = 2**31 - 1
        self._wire = wire
        self._schema = None   # of the batches
        self._sent = None     # the schema of the results

    def batches(self):
        """The record batches of the run, as the engine sends them."""
        while not self.drained:
            kind, body = self._wire.read()
            if kind == b"B":
                yield pa.ipc.read_record_batch(body, self._schema)
            elif kind == b"S":
                self._schema = pa.ipc.read_schema(body)
            elif kind == b"F":
                self.drained = True
            else:
                raise Gone(f"the engine sent a frame of kind {kind} in the middle of a run")

    def pieces(self, batch):
        """A batch in parts of as many rows as a user's function shall see at most."""
        return pieces(batch, self.most_rows)

    def taken(self):
        """Tells the engine that the function took a batch, for kinds that do not answer each with one."""
        self._wire.write(b"T")

    def emit(self, batch):
        """Sends a batch of results; all have one schema."""
        if self._sent is None:
            self._sent = batch.schema
            self._wire.write(b"S", batch.schema.serialize())
        self._wire.write(b"B", batch.serialize())
