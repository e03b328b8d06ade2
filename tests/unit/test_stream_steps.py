"""The steps of keyed state and sliding windows, as a worker runs them."""

import operator

import pytest

from pyspark_compat_worker.rdd_steps_stream import SlideWindow, UpdateState


def given(*parts):
    return [lambda part=part: iter(part) for part in parts]


def update(values, state):
    return None if not values and state is not None and state >= 3 else sum(values) + (state or 0)


@pytest.mark.parametrize("known, came, wanted", [
    (None, [("a", 1), ("b", 2), ("a", 3)], [("a", 4), ("b", 2)]),
    ([("a", 1)], [("b", 2)], [("a", 1), ("b", 2)]),
    ([("a", 3), ("b", 1)], [], [("b", 1)]),
    ([("a", 3)], [("a", 0)], [("a", 3)]),
    ([], [], []),
])
def test_states(known, came, wanted):
    parts = given(came) if known is None else given(known, came)
    assert list(UpdateState(update, False)(0, parts)) == wanted


def test_a_state_of_none_is_forgotten_and_falsy_ones_stay():
    assert list(UpdateState(lambda vs, s: 0 if vs else None, False)(0, given([("a", 1)], [("b", 2)]))) == [("b", 0)]


def test_the_first_of_a_keys_initial_states_counts():
    step = UpdateState(lambda vs, s: (s or 0) + len(vs), True)
    assert list(step(0, given([("a", 1), ("a", 5)], [("a", 0)]))) == [("a", 2)]


@pytest.mark.parametrize("known, left, came, wanted", [
    (None, [], [[("a", 1)], [("a", 2), ("b", 1)]], [("a", 3), ("b", 1)]),
    ([("a", 3), ("b", 1)], [[("a", 1)]], [[("c", 5)]], [("a", 2), ("b", 1), ("c", 5)]),
    ([("a", 3)], [[("a", 1)], [("a", 2)]], [], [("a", 0)]),
    ([("a", 3)], [[("z", 1)]], [[("a", 1)]], [("a", 4)]),
    ([], [], [[("a", 1)]], [("a", 1)]),
])
def test_windows(known, left, came, wanted):
    step = SlideWindow(operator.add, operator.sub, None, known is not None, len(left))
    parts = ([] if known is None else [known]) + left + came
    assert list(step(0, given(*parts))) == wanted


def test_a_filter_drops_pairs():
    step = SlideWindow(operator.add, operator.sub, lambda kv: kv[1] > 0, True, 1)
    assert list(step(0, given([("a", 1), ("b", 2)], [("a", 1)], [("c", 1)]))) == [("b", 2), ("c", 1)]
