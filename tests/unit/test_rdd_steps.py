"""Steps of RDDs, called in this process: what is left out of loops must not change an answer."""

import operator
import traceback

import pytest

from pyspark_compat_worker import rdd_distinct, rdd_merging, rdd_start, rdd_steps, rdd_steps_fold, rdd_steps_layout
from pyspark_compat_worker.errors import PySparkRuntimeError
from pyspark_compat_worker.stat_counter import StatCounter


def through(values, *steps):
    return list(rdd_steps.Pipeline(steps)(0, [lambda: iter(values)]))


TWO = 2
PAIRING = {
    "one": (lambda w: (w, 1), True), "text": (lambda w: (w, "x"), True), "a tuple": (lambda w: (w, (1, 2)), True), "negative": (lambda w: (w, -1), True),
    "None": (lambda w: (w, None), False), "swapped": (lambda w: (1, w), False), "twice": (lambda w: (w, w), False), "a global": (lambda w: (w, TWO), False),
    "a list": (lambda w: (w, [1]), False), "a call": (lambda w: (str(w), 1), False), "any number": (lambda *w: (w, 1), False), "str": (str, False),
}


@pytest.mark.parametrize("case", PAIRING)
def test_pairing_without_calls(case):
    f, without = PAIRING[case]
    assert through("abc", rdd_steps.Map(f)) == list(map(f, "abc"))
    assert (rdd_steps._beside(f) is not None) is without


class Both:
    def add(self, other):
        return self + other


ADDING = {
    "operator.add": (operator.add, True), "lambda": (lambda a, b: a + b, True), "other names": (lambda x, y: x + y, True), "swapped": (lambda a, b: b + a, False),
    "minus": (lambda a, b: a - b, False), "default": (lambda a, b=1: a + b, True), "three": (lambda a, b, c=0: a + b, False), "a method": (Both().add, False), "max": (max, False),
}


@pytest.mark.parametrize("case", ADDING)
def test_adding_without_calls(case):
    assert rdd_merging._adds(ADDING[case][0]) is ADDING[case][1]


@pytest.mark.parametrize("merge", [lambda a, b: a + b, lambda a, b: (a, b)[0] + b], ids=["written out", "called"])
def test_combined_values_that_are_none(merge):
    how = rdd_merging.Combiner(None, merge, merge)
    data = {}
    how.take_values(data, [("a", None), ("b", 0), ("b", 2)])
    assert data == {"a": None, "b": 2}
    with pytest.raises(TypeError, match="NoneType"):
        how.take_values(data, [("a", 1)])


def test_an_addition_that_fails_shows_the_users_line():
    how = rdd_merging.Combiner(None, lambda a, b: a + b, None)
    with pytest.raises(TypeError) as raised:
        how.take_values({}, [("a", 1), ("a", "x")])
    assert traceback.extract_tb(raised.value.__traceback__)[-1].line.endswith("lambda a, b: a + b, None)")
    assert raised.value.__context__ is None


def test_an_input_that_fails_shows_its_own_line():
    def source():
        yield "a", 1
        yield "a", 2
        raise KeyError("of the input")

    with pytest.raises(KeyError, match="of the input"):
        rdd_merging.Combiner(None, lambda a, b: a + b, None).take_values({}, source())


def stop(*_):
    raise StopIteration


@pytest.mark.parametrize("step", [rdd_steps.Map(stop), rdd_steps.Filter(stop), rdd_steps.FlatMap(stop), rdd_steps_fold.Reduce(stop),
                                  rdd_steps_fold.Fold(0, stop), rdd_steps_fold.Foreach(stop)], ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("values", [[1, 2, 3], [1, 2]])
def test_stop_iteration_is_an_error(step, values):
    with pytest.raises(PySparkRuntimeError, match="STOP_ITERATION_OCCURRED"):
        through(values, rdd_steps.Map(str), step)


def test_the_end_of_a_partition_function_is_none():
    assert through(range(9), rdd_steps.Map(str), rdd_steps.Partitions(lambda it: [next(it)]), rdd_steps.Map(str.upper)) == ["0"]


def test_what_a_partition_function_gives_goes_on_as_it_is():
    seen = []
    through("ab", rdd_steps.Partitions(list), rdd_steps.Partitions(lambda values: seen.append(type(values)) or values))
    assert seen == [list]


def test_cartesian_computes_the_second_side_once_where_it_fits(monkeypatch):
    def cells(kept):
        monkeypatch.setattr(rdd_steps_layout, "_KEPT", kept)
        calls = []
        step = rdd_steps_layout.Cartesian(2, 3)
        return list(step(0, [lambda: iter(range(5)), lambda: calls.append(1) or iter("abcd")])), len(calls)

    whole, once = cells(100)
    again, often = cells(2)
    assert whole == again and len(whole) == 20
    assert (once, often) == (1, 3)


@pytest.mark.parametrize("split,partitions,place", [(0, 3, 2), (1, 3, 0), (2, 3, 1), (3, 3, 2), (0, 5, 3), (1, 5, 3), (0, 4, 0)])
def test_where_spreading_begins(split, partitions, place):
    """What PySpark's repartition shows."""
    assert rdd_start.first_place(split, partitions) == place


@pytest.mark.parametrize("values", [[], [1], [1, 2.5, -3], [float("nan"), 1.0], [True, 2], [10**400, 1], [1e308, 1e308]], ids=repr)
def test_statistics_in_a_loop_are_those_one_by_one(values):
    one_by_one = StatCounter()
    try:
        for value in values:
            one_by_one.merge(value)
    except OverflowError:
        with pytest.raises(OverflowError):
            StatCounter(values)
        return
    assert repr(StatCounter(values)) == repr(one_by_one)
    assert [type(x) for x in (StatCounter(values).max(), StatCounter(values).min())] == [type(one_by_one.max()), type(one_by_one.min())]


def test_statistics_merge():
    values = [x * 0.1 for x in range(100)]
    for cut in (0, 3, 50, 97, 100):
        merged = StatCounter(values[:cut]).mergeStats(StatCounter(values[cut:]))
        assert merged.count() == 100 and merged.mean() == pytest.approx(4.95) and merged.stdev() == pytest.approx(StatCounter(values).stdev())


@pytest.mark.parametrize("bits", [5, 9, 12])
@pytest.mark.parametrize("count", [0, 10, 300, 3000, 30000])
def test_distinct_counts_are_near(monkeypatch, bits, count):
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    registers = next(rdd_distinct.Registers(bits)(0, range(count)))
    assert rdd_distinct.estimate(registers, bits) == pytest.approx(count, rel=5 * 1.04 / 2 ** (bits / 2), abs=1)


def test_counting():
    assert [rdd_steps_fold.counted(x) for x in ([], iter([]), iter("abc"), (x for x in range(1000)), range(7))] == [0, 0, 3, 1000, 7]
