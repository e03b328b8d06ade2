"""Lanes: the daemon threads that do in this process what the engine asks for.

A running query that calls back has one lane, the listeners of a session have one. A lane's thread fetches a call, runs
it and answers; it ends when the engine says so or the session is gone. A lane holds no lock while user code runs, so a
callback may start and stop queries, its own too, and stop the session. Whatever a callback raises, sys.exit and
KeyboardInterrupt too, becomes the answer.
"""
import logging
import os
import sys
import threading
import traceback

from pyspark_compat import _native

_log = logging.getLogger("pyspark_compat")
_OURS = tuple(os.path.dirname(os.path.abspath(sys.modules[name].__file__)) + os.sep
              for name in ("pyspark_compat", "pyspark_compat_worker"))


def open_lane(engine, number, name, run_id, handle):
    """Starts the thread of a lane. `handle(call)` gives the answer to a call, or None where none is due."""
    thread = threading.Thread(target=_serve, args=(engine, number, handle), name=name, daemon=True)
    thread.run_id = run_id
    thread.start()
    return thread


def in_lane_of(run_id):
    """Whether this thread is the lane of that run of a query."""
    return getattr(threading.current_thread(), "run_id", None) == run_id


def _serve(engine, number, handle):
    while True:
        try:
            call = _native.next_callback(engine.session, number)
        except Exception:  # the session is closed
            return
        if call is None:
            return
        answer = _answer(handle, call)
        if answer is None:
            continue
        try:
            _native.answer(engine.session, call["callback"], answer)
        except Exception as e:  # the query did not wait for it: the next call says whether there is more to do
            _log.debug("the answer to a callback was not taken: %s", e)


def _answer(handle, call):
    try:
        return handle(call)
    except BaseException as e:
        return {"error": described(e)}


def described(error):
    """An exception as the engine takes it: its class, its message, and the traceback of the user's frames."""
    return {"type": type(error).__name__, "message": _text(error), "traceback": users_traceback(error)}


def _text(error):
    """The message of an exception, of one too that cannot tell it: the engine waits for an answer."""
    try:
        return str(error)
    except BaseException:
        return "<exception str() failed>"


def users_traceback(error):
    """The traceback's text without frames of ours, in causes too."""
    report = traceback.TracebackException.from_exception(error)
    parts, seen = [report], set()
    while parts:
        part = parts.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        part.stack = traceback.StackSummary.from_list([f for f in part.stack if not f.filename.startswith(_OURS)])
        parts += [part.__cause__, part.__context__, *(part.exceptions or ())] if hasattr(part, "exceptions") else [
            part.__cause__, part.__context__]
    return "".join(report.format())


def query_calls(session, function):
    """The handler of a query's lane: console text to the current sys.stdout, batches to the user's function."""
    clones = {}

    def handle(call):
        if call["kind"] == "console":
            sys.stdout.write(call["text"])
            sys.stdout.flush()
        elif call["kind"] == "foreachBatch":
            _give_batch(call, session, function, clones)
        else:
            raise RuntimeError(f"a query's lane knows no call of kind {call['kind']}")
        return {"ok": True}
    return handle


def _give_batch(call, session, function, clones):
    from pyspark_compat._engine import engine_of
    from pyspark_compat.sql.dataframe import DataFrame

    number = call["session"]
    if number not in clones:
        clones[number] = session._adopt(engine_of(number, session._engine))
    clone = clones[number]
    function(DataFrame((clone._engine.adopt(call["handle"]), call["schema"], False), clone), call["epoch"])
