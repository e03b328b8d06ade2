"""One session of the engine as Python's objects use it: frames with a lifetime, tasks, questions, settings.

A frame's handle lives as long as the Python frame: its end only notes the handle, because it may come on any thread
and in the middle of any call; the next call to the session drops what was noted. Nothing here holds a lock, so a
callback may do anything.
"""
import weakref
from collections import deque

from pyspark_compat import _native, _requests


class Handle:
    """A frame of the engine, known by its text."""

    __slots__ = ("text", "_dead", "__weakref__")

    def __init__(self, text, dead):
        self.text = text
        self._dead = dead

    def __del__(self):
        self._dead.append(self.text)


class Engine:
    """A session of the engine, by its id."""

    def __init__(self, session, parent=None):
        self.session = session
        self.context = None if parent is None else parent.context  # a weak reference to the SparkContext
        self._told = {}
        # shared with the parent, which lives on when nobody calls this one any more
        self._dead = deque() if parent is None else parent._dead

    def adopt(self, handle):
        """A handle that the engine gave away elsewhere."""
        return Handle(handle, self._dead)

    def frame(self, relation):
        """The frame of a relation: (Handle, schema as JSON bytes or a dict, whether it streams)."""
        self.flush()
        made = _native.frame(self.session, relation.SerializeToString())
        if "statement" in made:  # SQL that is no query: it runs as a task, which Ctrl-C can end
            made = self.message(_requests.statement(relation))
        return Handle(made["handle"], self._dead), made["schema"], made["streaming"]

    def events(self, plan):
        """What running a plan tells: record batches and messages."""
        self.flush()
        self._tell_properties()
        return _native.events(_native.run(self.session, plan.SerializeToString()))

    def _tell_properties(self):
        """Tells the engine this thread's local properties, which Python functions of the plan can read."""
        context = self.context() if self.context is not None else None
        properties = {} if context is None else context._local_properties()
        if properties != self._told:
            self._told = dict(properties)
            given = {key: str(value) for key, value in properties.items()}
            _native.do(self.session, "session.properties", {"properties": given})

    def message(self, plan):
        """The one message that a plan gives, or None."""
        found = None
        for event in self.events(plan):
            if isinstance(event, dict) and found is None:
                found = event
        return found

    def ask(self, question):
        """The answer to an AnalyzePlanRequest."""
        self.flush()
        return _requests.read_answer(_native.analyze(self.session, question.SerializeToString()))

    def settings(self, operation, keys=(), pairs=()):
        """The pairs that a settings operation answers."""
        request = _requests.settings(operation, keys, pairs)
        return _requests.read_settings(_native.config(self.session, request.SerializeToString()))

    def setting(self, key):
        """A setting's value as text, or None."""
        return self.settings("get_option", [key])[0][1]

    def query(self, operation, **request):
        """One operation on a streaming query or the query manager."""
        request["op"] = operation
        return _native.query(self.session, request)

    def flush(self):
        """Drops the frames that died since the last call."""
        gone = []
        while True:
            try:
                gone.append(self._dead.popleft())
            except IndexError:
                break
        if gone:
            _native.drop(self.session, gone)

    def close(self):
        """Ends the session with its queries and lanes."""
        _engines.pop(self.session, None)
        _native.close_session(self.session)


_engines = weakref.WeakValueDictionary()


def engine_of(session, parent=None):
    """The Engine of a session id, one object each; `parent` is the Engine that a query's session was cloned from."""
    found = _engines.get(session)
    if found is None:
        found = _engines[session] = Engine(session, parent)
    return found
