"""One task: a partition of a stage, evaluated with all narrow steps that it needs in one go.

The engine sends a tree of cells (a partition of a node each) with their steps and inputs; what comes back are blocks of the
elements, or, of a map task, blocks for each partition of a shuffle. Partitions that shall be kept are computed wholly and
then read back, as they will be the next time.
"""
import functools
import json
import os
import struct
import sys

import cloudpickle

from . import around, blocks, failure
from .blocks import Lost
from .wire import Gone

_COUNT = struct.Struct("<Q")
_decode, _encode = json.JSONDecoder().decode, json.JSONEncoder().encode
current = None  # the Task that runs

# a lineage of many kept RDDs is evaluated from its end: some frames for each
sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))


def unpack(body):
    """The JSON value and the attachments of a pack (pybridge/host/pack.go)."""
    view = memoryview(body)
    size, count = struct.unpack_from("<II", view)
    start = 8 + 8 * count
    at, parts = start + size, []
    for length in struct.unpack_from(f"<{count}Q", view, 8):
        parts.append(view[at:at + length])
        at += length
    return _decode(str(view[start:start + size], "utf-8")), parts


def pack(value, parts):
    """The parts that make a pack."""
    head = _encode(value).encode()
    sizes = [len(part) for part in parts]
    return [struct.pack(f"<II{len(sizes)}Q", len(head), len(sizes), *sizes), head, *parts]


def run(body, wire):
    """Does one task and tells its end. True when the worker may go on."""
    global current
    task = Task(*unpack(body), wire)
    current = task
    try:
        around.begin(task.head)
        done = task.run()
        around.flush()
    except Gone:
        raise
    except Lost as lost:
        task.discard()
        wire.write(b"E", json.dumps({"lost": lost.path, "reason": lost.reason}).encode())
        return False
    except BaseException as error:  # sys.exit in a user's function is an error of the function
        task.discard()
        around.flush()
        wire.write(b"E", json.dumps(_told(error)).encode())
        return False
    finally:
        current = None
    wire.write(b"Y", *done)
    return True


def _told(error):
    told = failure.describe(error)
    if isinstance(error, RecursionError) and "  File " not in told["traceback"]:  # no line of the user's
        told = failure.describe(RecursionError(f"{error}. The lineage is deeper than Python's stack: cut it by checkpoint() or localCheckpoint() on the way"))
    return told


class Task:
    """What runs. `head` is the engine's description (pybridge/worker/task.go), also of what TaskContext tells."""

    def __init__(self, head, parts, wire):
        self.head = head
        self._parts, self._wire = parts, wire
        self._cells = head["cells"]
        self._kept = {}     # of persisted cells, by number: what is told of them, and their blocks
        self._outputs = []
        self._sent = []     # attachments of the end

    def run(self):
        """Evaluates the tree and gives the parts of the message that ends it."""
        head, told = self.head, {}
        self._ahead()
        split, elements = head["partitionId"], functools.partial(self.iterate, head["root"])
        if head["writer"] >= 0:
            told["output"] = self._write(split, elements())
        else:
            results = elements() if head["function"] < 0 else self._load(head["function"])(split, elements())
            if head.get("folder"):
                self._store(head["folder"], split, results)
            elif head.get("raw"):
                told["last"] = self._send(([None], block) for block in results)
            else:
                told["last"] = self._send(blocks.lists(results))
        told["kept"] = [{"cell": cell, **place} for cell, (place, _) in self._kept.items()]
        told["updates"] = [self._attach(update) for update in around.end()]
        return pack(told, self._sent)

    def _ahead(self):
        """Computes the kept cells from the lineage's start on where they are so many that their nesting would be deep."""
        kept = [number for number, cell in enumerate(self._cells) if cell["keep"] is not None and not cell["ready"]]
        if len(kept) > _NESTED:
            for number in kept:
                self.iterate(number)

    def iterate(self, number):
        """The elements of a cell, anew at each call."""
        cell = self._cells[number]
        if cell["ready"]:
            return blocks.read(self._places(cell["blocks"]))
        if number in self._kept:
            return blocks.read(self._kept[number][1])
        elements = self._compute(cell)
        return elements if cell["keep"] is None else self._keep(number, cell, elements)

    def _compute(self, cell):
        inputs = [functools.partial(self.iterate, given) if isinstance(given, int)
                  else functools.partial(blocks.read, self._places(given)) for given in cell["inputs"]]
        if cell["payload"] is not None:
            if cell["step"] < 0:
                return blocks.read(self._places(cell["payload"]))
            inputs.append(functools.partial(_bytes, self._places(cell["payload"])[0]))
        return self._load(cell["step"])(cell["split"], inputs)

    def _load(self, part):
        return cloudpickle.loads(self._parts[part])  # anew for each use: what a closure holds starts fresh

    def _places(self, given):
        return [self._parts[place] if isinstance(place, int) else place for place in given]

    def _keep(self, number, cell, elements):
        """Computes a cell wholly, stores its blocks and reads them back."""
        out = self._output(f"kept-{number}", _KEEP_INLINE if cell["keep"] == "memory" else -1)
        for _, block in blocks.lists(elements):
            out.write(block)
        path, body = out.close()
        place = {"path": path or "", "part": -1 if path else self._attach(body), "length": out.size}
        self._kept[number] = place, [(path, 0, out.size) if path else body]
        return blocks.read(self._kept[number][1])

    def _write(self, split, elements):
        """Runs the map side of a shuffle."""
        head, index = self.head, []
        out = self._output("map", head["inline"])
        for partition, block in self._load(head["writer"])(split, elements):
            start = out.size
            out.write(block)
            if index and index[-1][0] == partition:
                index[-1][2] += len(block)
            else:
                index.append([partition, start, len(block)])
        path, body = out.close()
        return {"path": path or "", "part": -1 if path else self._attach(body), "index": index}

    def _store(self, folder, split, results):
        """Writes the elements' blocks to the partition's file, which has its name only once it is whole."""
        path = os.path.join(folder, f"part-{split:05d}")
        beside = os.path.join(folder, f".part-{split:05d}-{self.head['taskAttemptId']}")
        with open(beside, "wb") as file:
            for _, block in blocks.lists(results):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)

    def _send(self, results):
        """Sends the results but the last block, which goes with the end: its attachment and number of elements."""
        known, last = self.head["skip"], None
        for part, block in results:
            if known:
                if known >= len(part):
                    known -= len(part)
                    continue
                raise RuntimeError("a task that ran again gave other elements than before")
            if last is not None:
                self._wire.write(b"K", _COUNT.pack(len(last[0])), last[1])
            last = part, block
        if last is None:
            return None
        return self._attach(last[1]), len(last[0])

    def meet(self, kind, message):
        """Waits until all tasks of the barrier stage called this, with one kind, and gives their messages by partition."""
        self._wire.write(b"Q", json.dumps({"kind": kind, "message": message}).encode())
        answer, body = self._wire.read()
        if answer != b"A":
            raise Gone(f"the engine sent a frame of kind {answer} for a meeting's end")
        return json.loads(bytes(memoryview(body)))

    def _output(self, name, inline):
        out = blocks.Output(f"{self.head['scratch']}-{name}", inline)
        self._outputs.append(out)
        return out

    def _attach(self, body):
        self._sent.append(body)
        return len(self._sent) - 1

    def discard(self):
        """Removes what a task that failed has written."""
        for out in self._outputs:
            out.discard()


_KEEP_INLINE = 4 << 20
_NESTED = 200


def _bytes(place):
    if isinstance(place, memoryview):
        return bytes(place)
    path, offset, length = place
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            return file.read(length)
    except OSError as error:
        raise Lost(path, str(error)) from None
