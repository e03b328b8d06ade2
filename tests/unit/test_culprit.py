"""What is said of a function that cannot be pickled."""
import threading

import pytest

from pyspark_compat._culprit import culprit

LOCK = threading.Lock()


class Step:
    def __init__(self, *functions):
        self.functions = list(functions)


class Holder:
    def __init__(self):
        self.inner = {"lock": LOCK}

    def method(self, x):
        return x


def _closure():
    lock = threading.Lock()
    return lambda x: (lock, x)


def _nested():
    inner = _closure()
    return lambda x: inner(x)


@pytest.mark.parametrize("value, words", [
    (_closure(), ["the lambda at", "test_culprit.py:", "refers to lock, a lock"]),
    (_nested(), ["refers to the lambda at", "refers to lock, a lock"]),
    (Step(len, _closure()), ["the lambda at", "refers to lock, a lock"]),
    (lambda x, lock=LOCK: x, ["the lambda at", "the default", "a lock"]),
    (Holder().method, ["the value of 'lock', a lock"]),
    (Holder(), ["the value of 'lock', a lock"]),
])
def test_the_culprit_is_named(value, words):
    said = culprit(value)
    assert all(word in said for word in words), said


def test_nothing_is_said_of_what_pickles():
    assert culprit(Step(len, lambda x: x)) == ""


def test_a_value_that_holds_itself():
    circle = [LOCK]
    circle.append(circle)
    assert "a lock" in culprit(circle)
