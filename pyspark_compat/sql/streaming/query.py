"""StreamingQuery and StreamingQueryManager: running queries, waited for in slices of 50 ms."""
import logging
import itertools
import time
import uuid

from pyspark_compat import _requests
from pyspark_compat.errors import PySparkValueError
from pyspark_compat.errors.exceptions import from_engine, user_facing
from pyspark_compat.errors.exceptions.captured import IllegalArgumentException
from pyspark_compat.sql.streaming._lanes import in_lane_of, open_lane, query_calls
from pyspark_compat.sql.streaming.listener import (
    EVENTS, QueryProgressEvent, QueryStartedEvent, StreamingQueryProgress)
from pyspark_compat_worker.errors import wrong_type

__all__ = ["StreamingQuery", "StreamingQueryManager"]

_log = logging.getLogger("pyspark_compat")
_SLICE_MS = 50
_calls = itertools.count(1)


class StreamingQueryStatus(dict):
    """What a query does now; calling it gives itself."""

    def __call__(self):
        return self


class Progresses(list):
    """Progresses, oldest first; calling it gives itself."""

    def __call__(self):
        return self


def _check_timeout(timeout, positive):
    """Raises VALUE_NOT_POSITIVE unless the timeout is a number of seconds above 0, or 0 where that may be."""
    if not isinstance(timeout, (int, float)) or timeout < 0 or (positive and timeout == 0):
        raise PySparkValueError(errorClass="VALUE_NOT_POSITIVE", messageParameters={
            "arg_name": "timeout", "arg_value": type(timeout).__name__})


def _wait(ask, timeout_ms=None):
    """Asks in slices until it is done, or the time is up. Gives whether it is done; raises the error that comes."""
    deadline = None if timeout_ms is None else time.monotonic() + timeout_ms / 1000
    while True:
        slice_ms = _SLICE_MS
        if deadline is not None:
            slice_ms = min(_SLICE_MS, max(0, int((deadline - time.monotonic()) * 1000)))
        answer = ask(slice_ms)
        if answer.get("error"):
            raise from_engine(answer["error"])
        if answer["done"]:
            return True
        if deadline is not None and time.monotonic() >= deadline:
            return False


class StreamingQuery:
    """A query that runs in the background, started by DataStreamWriter.start."""

    def __init__(self, jsq):
        self._session, self._id, self._run, self._name = jsq

    def _ask(self, operation, **request):
        return self._session._engine.query(operation, runId=self._run, **request)

    @property
    def _gone(self):
        """Whether the session was stopped, and the query with it."""
        return self._session._sc._stopped

    @property
    def id(self):
        """The query's id, the same after a restart from its checkpoint."""
        return self._id

    @property
    def runId(self):
        """The id of this run."""
        return self._run

    @property
    def name(self):
        """The name given to queryName, else None."""
        return self._name

    @property
    @user_facing
    def isActive(self):
        """Whether the query runs."""
        return not self._gone and self._ask("info")["active"]

    @user_facing
    def awaitTermination(self, timeout=None):
        """Waits for the end, at most `timeout` seconds; gives whether it came. Raises StreamingQueryException."""
        if timeout is None:
            return None if self._gone else (_wait(self._await) and None)
        _check_timeout(timeout, True)
        millis = int(timeout * 1000)
        if millis < 1:
            raise IllegalArgumentException(desc="requirement failed: the timeout has to be positive")
        return self._gone or _wait(self._await, millis)

    def _await(self, wait_ms):
        return self._ask("await", waitMs=wait_ms)

    @user_facing
    def processAllAvailable(self):
        """Waits until all data that was there at the call is in the sink. Raises StreamingQueryException."""
        call = next(_calls)  # tells the engine which waits are one call: what arrived before it counts
        _wait(lambda wait_ms: self._ask("processAll", waitMs=wait_ms, call=call))

    @user_facing
    def stop(self):
        """Stops the query and waits for its end; in a callback of the query itself it does not wait."""
        if self._gone:
            return
        limit = self._ask("stop")["timeoutMs"]
        if in_lane_of(self._run):
            return
        end = time.monotonic() + limit / 1000
        while not self._gone and not self._await(_SLICE_MS)["done"]:
            if limit > 0 and time.monotonic() > end:
                raise TimeoutError(f"The query {self._name or self._id} did not stop within {limit} ms; what it runs "
                                   "goes on. The setting spark.sql.streaming.stopTimeout says how long stop() waits.")

    @user_facing
    def start(self):
        """Starts a stopped or failed query again from its checkpoint; not in PySpark.

        The query keeps its id, its plan, its options and the function given to foreachBatch, and gets a new runId. It
        goes on after the last committed batch, so it needs a checkpointLocation that outlived it. A query that runs
        is left alone. Gives the query itself. Raises what DataStreamWriter.start raises.
        """
        if not self.isActive:
            streams = self._session.streams
            self._begin(self._ask("restart"), streams, streams._functions.get(self._id))
        return self

    def _begin(self, started, streams, function):
        """Makes a query that the engine has set up run: its lane, the listeners, then the engine."""
        self._id, self._run, self._name = started["id"], started["runId"], started["name"]
        if function is not None:
            streams._functions[self._id] = function
        if started.get("lane"):
            title = f"stream execution thread for {self._name or ''} [id = {self._id}, runId = {self._run}]"
            open_lane(self._session._engine, started["lane"], title, self._run,
                      query_calls(self._session, function))
        streams._tell_started(started)
        self._ask("begin")
        return self

    @property
    @user_facing
    def status(self):
        """A dict of message, isDataAvailable and isTriggerActive."""
        return StreamingQueryStatus(self._ask("status"))

    @property
    @user_facing
    def recentProgress(self):
        """The last progresses, as many as spark.sql.streaming.numRecentProgressUpdates says."""
        return Progresses(map(StreamingQueryProgress.fromJson, self._ask("recent")["progress"] or ()))

    @property
    @user_facing
    def lastProgress(self):
        """The last progress, None before the first."""
        last = self._ask("progress")["progress"]
        return None if last is None else StreamingQueryProgress.fromJson(last)

    @user_facing
    def explain(self, extended=False):
        """Prints the plan of the last batch."""
        print(self._ask("explain", extended=bool(extended))["text"])

    @user_facing
    def exception(self):
        """The error that ended the query, None where there is none."""
        error = None if self._gone else self._ask("exception")["error"]
        return None if error is None else from_engine(error)


class StreamingQueryManager:
    """The queries of a session: `spark.streams`."""

    def __init__(self, jsqm):
        self._session = jsqm
        self._listeners = []
        self._functions = {}  # of foreachBatch, by query id, for a query started again

    def _query(self, found):
        return StreamingQuery((self._session, found["id"], found["runId"], found["name"]))

    @property
    @user_facing
    def active(self):
        """The queries that run."""
        return [self._query(q) for q in self._session._engine.query("active")["queries"]]

    @user_facing
    def get(self, id):
        """The running query of an id, None where there is none. Raises IllegalArgumentException for what is no id."""
        if id is None:
            return None
        if not isinstance(id, (str, uuid.UUID)):
            raise wrong_type("str", "id", id)
        try:
            wanted = str(uuid.UUID(str(id)))
        except ValueError:
            raise IllegalArgumentException(desc=f"Invalid UUID string: {id}") from None
        found = self._session._engine.query("get", id=wanted)["query"]
        return None if found is None else self._query(found)

    @user_facing
    def awaitAnyTermination(self, timeout=None):
        """Waits until a query has ended since resetTerminated, at most `timeout` seconds; gives whether one has."""
        def ask(wait_ms):
            return self._session._engine.query("awaitAny", waitMs=wait_ms)

        if timeout is None:
            _wait(ask)
            return None
        _check_timeout(timeout, False)
        return _wait(ask, int(timeout * 1000))

    @user_facing
    def resetTerminated(self):
        """Forgets the queries that have ended."""
        self._session._engine.query("resetTerminated")

    # listeners
    @user_facing
    def addListener(self, listener):
        """Tells the listener of all queries of the session from now on."""
        self._listeners.append(listener._jlistener)
        if len(self._listeners) == 1:
            lane = self._session._engine.query("listen", on=True)["lane"]
            open_lane(self._session._engine, lane, "streaming query listeners", None, self._tell)

    @user_facing
    def removeListener(self, listener):
        """Tells the listener nothing more; one that was never added is no error."""
        given = listener._jlistener
        for i, known in enumerate(self._listeners):
            if known is given:
                del self._listeners[i]
                if not self._listeners:
                    self._session._engine.query("listen", on=False)
                return

    def _tell(self, call):
        """One event of the listeners' lane."""
        kind, method = EVENTS[call["event"]]
        described = call["json"]
        if kind is QueryProgressEvent:
            progress = StreamingQueryProgress.fromJson(described.get("progress", described))
            event = QueryProgressEvent(progress._as_event(call.get("observed")))
        else:
            event = kind.fromJson(described)
        self._tell_all(method, event)

    def _tell_started(self, started):
        if self._listeners:
            self._tell_all("onQueryStarted", QueryStartedEvent.fromJson(started))

    def _tell_all(self, method, event):
        for listener in list(self._listeners):
            try:
                getattr(listener, method)(event)
            except (Exception, SystemExit):  # nor may a listener end the thread that started the query
                _log.exception("a streaming query listener raised in %s", method)


def start_query(session, handle, source, options, mode, name, trigger, path, function, partitions=(), table=None,
                writer=None):
    """Starts a query over a frame; `function` is that of foreachBatch, `writer` the pickled one of foreach, or None."""
    plan = _requests.write_stream(handle, source, options, mode, name, trigger, path, function is not None, partitions, table,
                              writer)
    started = session._engine.message(plan)
    query = StreamingQuery((session, started["id"], started["runId"], started["name"]))
    return query._begin(started, session.streams, function)
