"""The only door to the Go engine: it loads the gopy module and speaks its calls.

Importing this module loads no Go; the first session does. Every call releases the GIL. A call that
waits does so in slices of at most 50 ms, looping here, so that Ctrl-C and interpreter exit get their
turn. What the engine refuses comes back as data and is raised as PySpark's exception. The engine is
refused in a worker process and in a forked child, which hold no Go runtime that works.
"""

import atexit
import json
import os
import struct
import threading
import time
from array import array

SLICE_MS = 50
WORKER_VARIABLE = "PYSPARK_COMPAT_WORKER"
ARRAY_BYTES, SCHEMA_BYTES = 80, 72  # struct ArrowArray and struct ArrowSchema of the C data interface
EXIT_SECONDS = 0.5

_lock = threading.Lock()
_library = None
_forked_pid = None
_closing = False
_sessions = set()
_waiting = []  # one entry for each thread that is inside a waiting call


def version():
    """The engine's own version."""
    return _engine().native_Version()


def loaded():
    """Whether this process holds a running engine."""
    return _library is not None


def panic(text):
    """Makes the engine panic; the panic comes back as an exception."""
    return _unpack(_engine().native_Panic(text))


def open_session(conf):
    """Starts a session from a dict and gives its id."""
    session = json.loads(_call("OpenSession", json.dumps(conf).encode()))["session"]
    _sessions.add(session)
    return session


def close_session(session):
    """Ends a session with its queries and workers. Does nothing in a forked child."""
    _sessions.discard(session)
    if loaded():
        _unpack(_engine().native_CloseSession(session))


def config(session, request):
    """ConfigRequest bytes to ConfigResponse bytes."""
    return _call("Config", request, session)


def frame(session, relation):
    """Relation bytes to {"handle": …, "schema": JSON bytes, "streaming": …}; {"statement": True} for SQL that is no query.

    The schema stays text: of the frames in a chain of calls only the last one's is read.
    """
    reply = _call("Frame", relation, session)
    if reply.startswith(b'{"statement"'):
        return {"statement": True}
    start, end = reply.index(b'"schema":') + len(b'"schema":'), reply.rindex(b',"streaming":')
    made = json.loads(reply[:start] + b"null" + reply[end:])
    made["schema"] = reply[start:end]
    return made


def drop(session, handles):
    """Forgets frames. Finalizers call it: it does nothing without a running engine."""
    if loaded():
        _call("Drop", json.dumps(list(handles)).encode(), session)


def analyze(session, request):
    """AnalyzePlanRequest bytes to AnalyzePlanResponse bytes."""
    return _call("Analyze", request, session)


def run(session, plan):
    """Starts a Plan and gives the task's id; events() reads what it tells."""
    return json.loads(_call("Run", plan, session))["task"]


def events(task):
    """What a task tells, as it comes: pyarrow.RecordBatch objects and decoded messages.

    Leaving the loop early, by break or Ctrl-C, cancels the task.
    """
    place = _Place()
    try:
        while True:
            event = _wait("Next", task, SLICE_MS, place.array, place.schema)
            if event is None:
                raise SystemExit  # of this thread: the interpreter is going, and half a result is none
            status = event["status"]
            if status == "batch":
                yield place.take()
            elif status == "message":
                yield event["message"]
            elif status == "end":
                task = None
                return
    finally:
        if task is not None:
            cancel(task)


def cancel(task):
    """Stops a task; a task that is gone is no error. Does nothing in a forked child."""
    if loaded():
        _unpack(_engine().native_Cancel(task))


def next_callback(session, lane):
    """Waits for what a lane's thread shall do next; None when there will be nothing more."""
    while True:
        event = _wait("NextCallback", session, lane, SLICE_MS)
        if event is None or event["status"] == "end":
            return None
        if event["status"] != "again":
            return event


def answer(session, callback, reply):
    """Gives the outcome of a callback, a dict."""
    _call("Answer", json.dumps(reply).encode(), session, callback)


def query(session, request):
    """One operation on a streaming query or the query manager, dict to dict."""
    return json.loads(_call("Query", json.dumps(request).encode(), session))


def do(session, op, body=None, attachments=()):
    """One operation on RDDs or DStreams: a JSON value and attachments (bytes) in, (JSON value, list of bytes) out.

    An operation that waits does so for 50 ms at most and says by its answer that it shall be asked again.
    """
    _waiting.append(None)
    try:
        if _closing:
            raise SystemExit  # of this thread: the interpreter is going
        return unpack(_call("Do", pack(body, attachments), session, op))
    finally:
        _waiting.pop()


def pack(body, attachments):
    """A JSON value and attachments as bytes; pybridge/host/pack.go says how."""
    head = json.dumps(body).encode()
    sizes = [len(part) for part in attachments]
    return b"".join((struct.pack(f"<II{len(sizes)}Q", len(head), len(sizes), *sizes), head, *attachments))


def unpack(body):
    """The JSON value and the attachments of a pack."""
    size, count = struct.unpack_from("<II", body)
    start = 8 + 8 * count
    at, parts = start + size, []
    for length in struct.unpack_from(f"<{count}Q", body, 8):
        parts.append(body[at:at + length])
        at += length
    return json.loads(body[start:start + size]), parts


class _Place:
    """Where the engine writes the C structs of a batch, and the schema that all batches of a task share."""

    def __init__(self):
        self._structs = array("q", bytes(ARRAY_BYTES)), array("q", bytes(SCHEMA_BYTES))
        self.array, self.schema = (struct.buffer_info()[0] for struct in self._structs)
        self._known = None

    def take(self):
        import pyarrow

        known = self.schema if self._known is None else self._known  # a schema without columns is false
        batch = pyarrow.RecordBatch._import_from_c(self.array, known)
        self._known, self.schema = batch.schema, 0
        return batch


def _call(function, payload, *numbers):
    """A call whose last argument is bytes. gopy crosses them by handles, which are ours to drop."""
    library = _engine()
    # A str or bytearray here would end the process: gopy reads the object as bytes unchecked.
    if type(payload) is not bytes:
        raise TypeError(f"{function} takes bytes, not {type(payload).__name__}")
    handle = library.Slice_byte_from_bytes(payload)
    library.IncRef(handle)
    try:
        reply = getattr(library, "native_" + function)(*numbers, handle)
    finally:
        library.DecRef(handle)
    return _unpack(reply, library)


def _wait(function, *numbers):
    """One slice of a waiting call: the decoded event, or None while the interpreter exits."""
    library = _engine()
    _waiting.append(None)
    try:
        if _closing:
            return None
        reply = getattr(library, "native_" + function)(*numbers)
    finally:
        _waiting.pop()
    return json.loads(_unpack(reply, library))


def _unpack(handle, library=None):
    """A reply's payload, or the exception that it describes."""
    library = library or _library
    library.IncRef(handle)
    reply = library.Slice_byte_to_bytes(handle)
    library.DecRef(handle)
    if reply[0]:
        raise _error(json.loads(reply[1:]))
    return reply[1:]


def _error(description):
    from pyspark_compat.errors.exceptions import from_engine

    return from_engine(description)


def _check_place():
    """Raises where the engine cannot run: in a worker and in a forked child."""
    worker = os.environ.get(WORKER_VARIABLE)
    if not worker and _forked_pid is None:
        return
    from pyspark_compat.errors import PySparkRuntimeError

    if worker:
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})
    pid = str(_forked_pid)
    raise PySparkRuntimeError(
        message=f"Process {pid} was forked from one that had started the engine, and a fork has none. Use "
        "multiprocessing's 'spawn' start method, or start the session in the child only.",
        errorClass="ENGINE_IN_FORKED_PROCESS",
        messageParameters={"pid": pid},
    )


def _engine():
    return _library or _load()


def _load():
    global _library
    _check_place()
    with _lock:
        if _library is None:
            try:
                from pyspark_compat._gopy import _pysparkcompat
            except ImportError as e:
                raise ImportError(
                    f"pyspark-compat has no engine for this Python or platform ({e}). Wheels are for Linux with glibc "
                    "and CPython 3.11 to 3.13; from a source tree, `make build` or `pip install .` builds it with Go."
                ) from e
            os.register_at_fork(after_in_child=_forked)
            atexit.register(_close)
            _library = _pysparkcompat
    return _library


def _forked():
    """The child has the parent's memory and none of its Go threads: any call would hang for ever."""
    global _library, _forked_pid, _lock
    _library = None
    _forked_pid = os.getpid()
    _lock = threading.Lock()
    _sessions.clear()
    _waiting.clear()
    atexit.unregister(_close)


def _close():
    """At exit: ends every session, then waits until no thread is inside the engine."""
    global _closing
    _closing = True
    for session in list(_sessions):
        try:
            close_session(session)
        except Exception as e:  # the others must still be closed
            print(f"pyspark-compat: session {session} did not close: {e}", flush=True)
    deadline = time.monotonic() + EXIT_SECONDS
    while _waiting and time.monotonic() < deadline:
        time.sleep(0.001)
