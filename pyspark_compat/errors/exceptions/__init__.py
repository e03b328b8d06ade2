"""Exceptions built from the engine's error descriptions."""
import functools
import inspect
import os
import types

from pyspark_compat_worker import captured as _captured
from pyspark_compat_worker import errors as _errors

for _module, _public in ((_errors, "base"), (_captured, "captured")):  # tracebacks name the modules users import from
    for _class in vars(_module).values():
        if isinstance(_class, type) and _class.__module__ == _module.__name__ and _class.__name__[0] != "_":
            _class.__module__ = f"{__name__}.{_public}"

UNNAMED = "_LEGACY_ERROR_UNNAMED_"


def from_engine(description, beneath=False):
    """The exception for an error of the engine, described as a dict; `beneath` another, as its cause.

    Keys: class, condition, sqlState, messageParameters, message (the bare text), text (what str() shows), detail,
    context and cause; all but class may be missing.
    """
    condition = description.get("condition") or None
    if condition and condition.startswith(UNNAMED):
        condition = None
    kind = description.get("class") or "UnknownException"
    if kind == "SparkException" and not beneath:
        kind = "Py4JJavaError"  # PySpark has no class for it
    parameters = dict(description.get("messageParameters") or {})
    text = description.get("message") or description.get("text") or ""
    state = description.get("sqlState") or None
    captured = getattr(_captured, kind, None)
    if captured is None:
        made = getattr(_errors, kind, None)
        if isinstance(made, type) and issubclass(made, _errors.PySparkException):
            return _plain(made, condition, parameters, text, state)
        captured = _captured.UnknownException
    cause = description.get("cause")
    error = captured._of(condition, parameters, text, state, _contexts(description.get("context")),
                         from_engine(cause, True) if cause else None)
    error._engine_class = description.get("class")
    shown = description.get("text")
    if shown:
        error._shown = shown
    return error._of_session() if captured is _captured.Py4JJavaError else error


def _plain(kind, condition, parameters, text, state):
    """An error of Python's own kind, as PySparkNotImplementedError."""
    error = kind(message=text, errorClass=condition, messageParameters=parameters)
    error._sqlState = state
    return error


def _contexts(described):
    if not described:
        return []
    places = described if isinstance(described, list) else [described]
    return [(_captured.DataFrameQueryContext if p.get("callSite") else _captured.SQLQueryContext)(p) for p in places]


def user_facing(method):
    """Decorates a public method: errors raised below it show the user's frames and this method only."""

    @functools.wraps(method)
    def call(*args, **kwargs):
        __tracebackhide__ = True  # pytest leaves this frame out
        try:
            return method(*args, **kwargs)
        except (_errors.PySparkException, KeyboardInterrupt) as e:
            failure = e
        raise failure.with_traceback(_users(failure.__traceback__)) from None

    # the frame that stays has the method's name, for those who read a traceback and for what names calls by their frames
    call.__code__ = call.__code__.replace(co_name=method.__name__, co_qualname=method.__qualname__)
    return call


def users_class(cls):
    """Decorates a class all of whose public methods are user_facing, those of its bases too."""
    for name in dir(cls):
        method = inspect.getattr_static(cls, name)
        if not name.startswith("_") and inspect.isfunction(method):
            setattr(cls, name, user_facing(method))
    return cls


_HERE = os.path.dirname(os.path.abspath(__file__))
_OURS = (os.path.dirname(os.path.dirname(_HERE)) + os.sep, os.path.dirname(os.path.abspath(_errors.__file__)) + os.sep)


def _users(trace):
    """The traceback without frames of ours."""
    kept = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_OURS):
            kept.append(trace)
        trace = trace.tb_next
    made = None
    for part in reversed(kept):
        made = types.TracebackType(made, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return made
