"""Conditions, the exception tree, and exceptions built from the engine's descriptions."""

import importlib
import pickle
import re
import traceback

import pytest
from pyspark_compat._py4j import protocol
from pyspark_compat_worker.conditions import CONDITIONS

from pyspark_compat import errors
from pyspark_compat.errors.exceptions import captured, from_engine, user_facing


def test_rows_are_well_formed():
    for name, (text, state) in CONDITIONS.items():
        assert re.fullmatch(r"[A-Z_]+", name) and text
        assert state is None or re.fullmatch(r"[0-9A-Z]{5}", state), name


def test_python_side_error():
    e = errors.PySparkTypeError(errorClass="NOT_EXPECTED_TYPE", messageParameters={
        "expected_type": "str", "arg_name": "x", "arg_type": "int"})
    assert isinstance(e, TypeError) and isinstance(e, errors.PySparkException)
    assert (e.getCondition(), e.getSqlState()) == ("NOT_EXPECTED_TYPE", "42K09")
    assert str(e).startswith("[NOT_EXPECTED_TYPE] ") and all(w in str(e) for w in ("str", "x", "int"))
    with pytest.warns(FutureWarning):
        assert e.getErrorClass() == "NOT_EXPECTED_TYPE"
    again = pickle.loads(pickle.dumps(e))
    assert type(again) is type(e) and str(again) == str(e)


def test_missing_parameter_is_a_mistake_of_ours():
    with pytest.raises(AssertionError):
        errors.PySparkTypeError(errorClass="NOT_EXPECTED_TYPE", messageParameters={"arg_name": "x"})


DESCRIBED = {
    "class": "AnalysisException", "condition": "UNRESOLVED_COLUMN.WITH_SUGGESTION", "sqlState": "42703",
    "messageParameters": {"objectName": "`x`", "proposal": "`y`"}, "message": "There is no `x`; near is `y`.",
    "context": {"fragment": "col", "callSite": "f.py:3", "startIndex": 0, "stopIndex": 2},
}


def test_from_engine():
    e = from_engine(DESCRIBED)
    assert type(e) is captured.AnalysisException and isinstance(e, errors.AnalysisException)
    assert e.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION" and e.getSqlState() == "42703"
    assert e.getMessageParameters()["proposal"] == "`y`"
    assert str(e) == "[UNRESOLVED_COLUMN.WITH_SUGGESTION] There is no `x`; near is `y`. SQLSTATE: 42703"
    context, = e.getQueryContext()
    assert context.contextType() is errors.QueryContextType.DataFrame
    assert (context.fragment(), context.callSite(), context.stopIndex()) == ("col", "f.py:3", 2)
    assert str(pickle.loads(pickle.dumps(e))) == str(e)


@pytest.mark.parametrize("kind, ours", [
    ("ParseException", "ParseException"), ("IllegalArgumentException", "IllegalArgumentException"),
    ("NumberFormatException", "NumberFormatException"), ("StreamingQueryException", "StreamingQueryException"),
    ("SparkRuntimeException", "SparkRuntimeException"), ("PythonException", "PythonException"),
    ("SparkException", "Py4JJavaError"), ("Py4JJavaError", "Py4JJavaError"),
    ("PySparkNotImplementedError", "PySparkNotImplementedError"), ("PySparkValueError", "PySparkValueError"),
])
def test_classes(kind, ours):
    e = from_engine({"class": kind, "condition": "NOT_IMPLEMENTED", "messageParameters": {"feature": "q"}, "message": "q"})
    assert type(e).__name__ == ours and isinstance(e, getattr(errors, ours, None) or getattr(protocol, ours))


def test_cause_detail_and_unnamed():
    e = from_engine({
        "class": "StreamingQueryException", "condition": "STREAM_FAILED", "sqlState": "XXKST", "message": "it failed",
        "messageParameters": {"id": "1"}, "text": "[STREAM_FAILED] it failed SQLSTATE: XXKST\n=== Streaming Query ===",
        "cause": {"class": "PythonException", "condition": "PYTHON_EXCEPTION", "sqlState": "38000", "message": "boom",
                  "messageParameters": {"msg": "An exception was thrown", "traceback": "Traceback: 1/0\n"}}})
    assert str(e).endswith("=== Streaming Query ===")
    assert type(e._cause) is captured.PythonException
    assert str(e._cause) == "An exception was thrown:\nTraceback: 1/0"
    plain = from_engine({"class": "IllegalArgumentException", "condition": "_LEGACY_ERROR_UNNAMED_7", "message": "bad id"})
    assert plain.getCondition() is None and str(plain) == "bad id" and plain.getMessageParameters() is None
    legacy = from_engine({"class": "AnalysisException", "condition": "_LEGACY_ERROR_TEMP_1", "message": "old"})
    assert legacy.getCondition() == "_LEGACY_ERROR_TEMP_1" and str(legacy) == "old"


def test_user_facing_hides_frames():
    def users():
        raise from_engine(DESCRIBED)

    @user_facing
    def method(function):
        ours(function)

    space = {}
    exec(compile("def ours(function):\n    function()", errors.__file__, "exec"), space)
    ours = space["ours"]
    with pytest.raises(errors.AnalysisException) as raised:
        method(users)
    names = [entry.name for entry in raised.traceback]
    assert "ours" not in names and names[-1] == "users" and raised.value.__suppress_context__


def test_tracebacks_name_the_public_modules():
    public = errors.exceptions.__name__
    assert errors.PySparkTypeError.__module__ == f"{public}.base"
    assert captured.AnalysisException.__module__ == f"{public}.captured"
    for name in errors.__all__:
        made = getattr(errors, name)
        assert getattr(importlib.import_module(made.__module__), name) is made, name
    again = pickle.loads(pickle.dumps(captured.AnalysisException("a")))
    assert type(again) is captured.AnalysisException


def test_an_interrupt_shows_the_users_frames_only():
    @user_facing
    def method():
        ours()

    space = {}
    exec(compile("def ours():\n    raise KeyboardInterrupt", errors.__file__, "exec"), space)
    ours = space["ours"]
    with pytest.raises(KeyboardInterrupt) as raised:
        method()
    frames = list(traceback.walk_tb(raised.value.__traceback__))
    assert "ours" not in [frame.f_code.co_name for frame, _ in frames]
    assert [frame.f_code.co_name for frame, _ in frames if frame.f_locals.get("__tracebackhide__")] == ["method"]
