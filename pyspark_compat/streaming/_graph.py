"""A StreamingContext's graph as Python holds it: the operations of its nodes, the RDDs of its batches, its lanes.

The engine owns the graph's shape, the clock and the batches; an RDD is a number (token) to it. It calls back on lanes,
threads of this process: one makes RDDs, some run output operations, one tells listeners. Only the graph lane adds and
drops tokens. No lock is held while the user's functions run.
"""
import itertools
import json
import logging
import threading

from pyspark_compat import _native
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat.streaming import _failures
from pyspark_compat.streaming._events import EVENTS
from pyspark_compat.streaming._operations import time_of
from pyspark_compat_worker import captured

WAIT_MS = 50
_log = logging.getLogger("pyspark_compat")


class Graph:
    """One context of the engine. `made` is the engine's answer to open or recover."""

    def __init__(self, sc, made):
        self.sc = sc
        self.context = made["context"]
        self.batch_ms = made["batchMs"]
        self.lanes = made["lanes"]
        self.operations, self.slides, self.outputs = {}, {}, {}
        self.sites = {}  # of outputs: the call in the program
        self.listeners = []
        self.failures = _failures.Failures()
        self.kept = {}  # token -> (RDD, whether we persisted it)
        self.numbers = itertools.count(1)
        self.serving = False

    @classmethod
    def open(cls, sc, batch_ms):
        made, _ = _do(sc, "dstream.open", {"batchMs": batch_ms, "clock": clock_of(sc)})
        return cls(sc, {**made, "batchMs": batch_ms})

    # -- the shape ----------------------------------------------------------------------------------------------

    def add(self, operation, parents=()):
        """Makes a node and gives its number."""
        body = {"kind": operation.kind, "parents": list(parents), **operation.fields()}
        made = self.do("dstream.node", body)
        node = made["node"]
        self.operations[node], self.slides[node] = operation, made["slideMs"]
        return node

    def output(self, node, function, name, description):
        made = self.do("dstream.output", {"node": node, "name": name, "description": description})
        self.outputs[made["output"]], self.sites[made["output"]] = function, name

    def persist(self, node, level):
        self.do("dstream.persist", {"node": node})
        self.operations[node].level = level

    def keep_parent(self, node):
        """Keeps the RDDs of a node that windows read again and again, unless the program said how."""
        if self.operations[node].level is None:
            self.persist(node, StorageLevel.MEMORY_ONLY)

    def listen(self, listener):
        self.do("dstream.listen", {"on": True})
        self.listeners.append(listener)

    # -- the engine ---------------------------------------------------------------------------------------------

    def do(self, op, body=None, attachments=()):
        """An operation on this context: the answer's JSON."""
        return self.call(op, body, attachments)[0]

    def call(self, op, body=None, attachments=()):
        return _do(self.sc, op, {"context": self.context, **(body or {})}, attachments)

    def until(self, op, body, said="done"):
        """Repeats an operation that waits at most 50 ms until it says that it is done; its last answer."""
        while True:
            answer = self.do(op, {**body, "waitMs": WAIT_MS})
            if answer[said]:
                return answer

    def lane(self):
        """The lane that this thread serves, 0 if it is none of ours."""
        thread = threading.current_thread()
        return thread.lane if getattr(thread, "graph", None) is self else 0

    def serve(self):
        """Starts the threads of the lanes."""
        if self.serving:
            return
        self.serving = True
        kinds = {"dstream.compute": self.compute, "dstream.checkpointed": self.checkpointed, "dstream.restore": self.restore,
                 "dstream.forget": self.forget, "dstream.output": self.run, "dstream.event": self.tell,
                 "dstream.warning": self.warn}
        numbers = [self.lanes["graph"], *self.lanes["jobs"], self.lanes["events"]]
        for number in numbers:
            thread = threading.Thread(target=self.loop, args=(number, kinds), name=f"dstreams-{self.context}-{number}",
                                      daemon=True)
            thread.graph, thread.lane = self, number
            thread.start()

    def loop(self, number, kinds):
        session = self.sc._engine.session
        while True:
            try:
                call = _native.next_callback(session, number)
            except Exception:  # the session is closed
                return
            if call is None:
                return
            answer = self.answered(kinds, call)
            if answer is None:
                continue
            try:
                _native.answer(session, call["callback"], answer)
            except Exception as e:  # nobody waits for it any more
                _log.debug("the answer to a callback was not taken: %s", e)

    def answered(self, kinds, call):
        try:
            return kinds[call["kind"]](call)
        except BaseException as e:
            return {"error": self.failures.add(e, self.place(call))}

    def place(self, call):
        """Where in the program a call's function belongs, for the message of its failure."""
        if "time" not in call:
            return ""
        what = f"output operation {call['output']} ({self.sites.get(call['output'])}) of " if "output" in call else ""
        return f"in {what}the batch of {time_of(call)}"

    # -- callbacks ----------------------------------------------------------------------------------------------

    def compute(self, call):
        operation = self.operations[call["node"]]
        rdd = operation.compute(call, self)
        if not rdd:
            return {"token": None}
        if not hasattr(rdd, "_node"):
            raise TypeError(f"A function given to transform gives an RDD, or None for no output; it gave {rdd!r:.100}.")
        ours = operation.level is not None and not rdd.is_cached
        if ours:
            rdd.persist(operation.level)
        if call.get("checkpoint") and not rdd.is_checkpointed:
            rdd.checkpoint()
        return {"token": self.keep(rdd, ours)}

    def checkpointed(self, call):
        return {"paths": [self.kept[item["token"]][0].getCheckpointFile() for item in call["items"]]}

    def restore(self, call):
        operation = self.operations[call["node"]]
        rdd = self.sc._checkpointFile(call["path"], self.sc.serializer)
        if operation.level is not None:
            rdd.persist(operation.level)
        return {"token": self.keep(rdd, operation.level is not None)}

    def forget(self, call):
        for item in call["tokens"]:
            rdd, ours = self.kept.pop(item["token"], (None, False))
            if ours and item["unpersist"]:
                rdd.unpersist()

    def run(self, call):
        from pyspark_compat.streaming import _jobs

        with _jobs.properties(self.sc, call):
            self.outputs[call["output"]](time_of(call), self.rdd(call["token"]))
        return {"ok": True}

    def tell(self, call):
        method, made = EVENTS[call["event"]]
        said = call["json"]
        event = made(json.loads(said) if isinstance(said, str) else said)
        for listener in self.listeners:
            try:
                getattr(listener, method)(event)
            except Exception:
                _log.exception("a StreamingListener's %s raised", method)
        return {"ok": True}

    def warn(self, call):
        _log.warning("%s", call["text"])

    # -- RDDs ---------------------------------------------------------------------------------------------------

    def keep(self, rdd, ours=False):
        token = next(self.numbers)
        self.kept[token] = (rdd, ours)
        return token

    def rdd(self, token):
        return None if token is None else self.kept[token][0]

    def placed(self, rdd, partitions):
        """The RDD with its pairs where the hash of their keys says; itself, where they are there already."""
        from pyspark_compat.core.rdd import portable_hash

        placing = getattr(rdd, "partitioner", None)
        if placing is not None and placing.numPartitions == partitions and placing.partitionFunc is portable_hash:
            return rdd
        return rdd.partitionBy(partitions)

    def zipped(self, step, parents, partitions):
        """An RDD whose partition p is made by a step of the parents' partitions p."""
        from pyspark_compat.core._lineage import Node, One

        return self.made(Node(self.sc._new_rdd_id(), partitions, step, [One(rdd._node) for rdd in parents]))

    def made(self, node):
        from pyspark_compat.core.rdd import RDD

        return RDD._of(self.sc, node)

    def blocks_rdd(self, ids):
        """An RDD of the blocks that a receiver stored."""
        from pyspark_compat.core._lineage import Node
        _, blocks = self.call("dstream.blocks", {"ids": ids})
        return self.made(Node(self.sc._new_rdd_id(), len(blocks), None, [], blocks))

    def initial(self, operation):
        return operation.initial.of(self.sc, operation.partitions)

    def slice(self, node, begin, end):
        """[(time, RDD)] of a node between two times."""
        number = self.do("dstream.slice", {"node": node, "fromMs": begin, "toMs": end, "lane": self.lane()})["slice"]
        answer = self.until("dstream.sliced", {"slice": number})
        if answer["error"] is not None:
            self.failures.throw(answer["error"])
        found = [item["token"] for item in answer["tokens"] if item["token"] is not None]
        rdds = [self.rdd(token) for token in found]
        self.do("dstream.release", {"tokens": found})
        return rdds


def _do(sc, op, body, attachments=()):
    try:
        return _native.do(sc._engine.session, op, body, list(attachments))
    except captured.Py4JJavaError as e:
        raised = _failures.converted(e)
    raise raised from None


def clock_of(sc):
    """The number of the manual clock that the application goes by, 0 without one."""
    clock = getattr(sc, "_clock", None)
    return clock.number if clock is not None and clock.number else 0


def peek(folder):
    """Whether a folder holds a checkpoint, and the settings of the application that wrote it."""
    return _native.do(0, "dstream.peek", {"directory": folder}, [])[0]


def recover(sc, folder):
    """The engine's context of a checkpoint: what open gives, the nodes, and what Python put into it."""
    return _do(sc, "dstream.recover", {"directory": folder, "clock": clock_of(sc)})
