"""Windows over batches: the window family with and without an inverse and a filter."""

import operator

import pytest

NUMBERS = [[1], [2, 2], [], [3], [4, 1]]
PAIRS = [[("a", 1), ("b", 1)], [("a", 2)], [], [("c", 5), ("a", 1)], [("b", 7)]]
COUNT = 13


def pairs(b):
    return {
        "reduceByKeyAndWindow": lambda d: d.reduceByKeyAndWindow(operator.add, None, 3 * b),
        "reduceByKeyAndWindow slide": lambda d: d.reduceByKeyAndWindow(operator.add, None, 3 * b, 2 * b),
        "reduceByKeyAndWindow inverse": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 3 * b),
        "reduceByKeyAndWindow inverse slide": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 3 * b, 2 * b),
        "reduceByKeyAndWindow inverse wide slide": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 2 * b, 3 * b),
        "reduceByKeyAndWindow inverse equal": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 2 * b, 2 * b),
        "reduceByKeyAndWindow filter": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 3 * b, b, 2, lambda kv: kv[1] > 0),
        "reduceByKeyAndWindow no inverse filter": lambda d: d.reduceByKeyAndWindow(operator.add, None, 3 * b, b, 2, lambda kv: kv[1] > 1),
        "reduceByKeyAndWindow parts": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 2 * b, b, 3).mapPartitions(lambda i: [len(list(i))]).count(),
        "groupByKeyAndWindow": lambda d: d.groupByKeyAndWindow(3 * b, b).mapValues(lambda vs: (type(vs).__name__, sorted(vs))),
        "groupByKeyAndWindow slide": lambda d: d.groupByKeyAndWindow(2 * b, 2 * b, 1).mapValues(lambda vs: sorted(vs)),
        "window of pairs": lambda d: d.window(2 * b).groupByKey().mapValues(sorted),
        "inverse used at five": lambda d: d.reduceByKeyAndWindow(operator.add, lambda x, y: x - y + 100, 5 * b),
        "inverse unused at four": lambda d: d.reduceByKeyAndWindow(operator.add, lambda x, y: x - y + 100, 4 * b),
        "inverse used at six of two": lambda d: d.reduceByKeyAndWindow(operator.add, lambda x, y: x - y + 100, 12 * b, 2 * b),
        "inverse filter at five": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 5 * b, b, 2, lambda kv: kv[1] > 1),
        "inverse zero stays": lambda d: d.reduceByKeyAndWindow(operator.add, operator.sub, 5 * b, b),
        "groups at five": lambda d: d.groupByKeyAndWindow(5 * b, b).mapValues(list),
        "inverse of lists": lambda d: d.mapValues(lambda v: [v]).reduceByKeyAndWindow(lambda x, y: x + y, lambda x, y: x[len(y):], 2 * b, b),
    }


def numbers(b):
    return {
        "window": lambda d: d.window(2 * b),
        "window slide": lambda d: d.window(3 * b, 2 * b),
        "window of one": lambda d: d.window(b),
        "window wider slide": lambda d: d.window(b, 3 * b),
        "window of window": lambda d: d.window(2 * b).window(2 * b),
        "window of window slide": lambda d: d.window(2 * b, 2 * b).window(4 * b, 2 * b),
        "countByWindow": lambda d: d.countByWindow(3 * b, b),
        "countByWindow slide": lambda d: d.countByWindow(3 * b, 2 * b),
        "countByValueAndWindow": lambda d: d.countByValueAndWindow(3 * b, b),
        "countByValueAndWindow parts": lambda d: d.countByValueAndWindow(2 * b, 2 * b, 1),
        "reduceByWindow": lambda d: d.reduceByWindow(operator.add, None, 3 * b, b),
        "reduceByWindow inverse": lambda d: d.reduceByWindow(operator.add, operator.sub, 3 * b, b),
        "reduceByWindow max": lambda d: d.reduceByWindow(max, None, 2 * b, 2 * b),
        "map of window": lambda d: d.window(2 * b).map(lambda x: x * 10).window(2 * b, b),
        "union of windows": lambda d: d.window(2 * b, 2 * b).union(d.map(lambda x: -x).window(4 * b, 2 * b)),
        "cached window": lambda d: d.cache().window(3 * b).count(),
    }


@pytest.mark.parametrize("name", pairs(1))
def test_pairs(check, dstreams, name):
    d = dstreams.queue(*PAIRS, checkpoint=True)
    check(dstreams.run(pairs(dstreams.seconds)[name](d), count=COUNT))


@pytest.mark.parametrize("name", numbers(1))
def test_numbers(check, dstreams, name):
    d = dstreams.queue(*NUMBERS, checkpoint=True)
    check(dstreams.run(numbers(dstreams.seconds)[name](d), count=COUNT))


def said(function):
    try:
        function()
    except ValueError as e:
        return str(e)
    except Exception as e:
        return e


def test_durations_that_do_not_fit(check, dstreams):
    d, b = dstreams.queue([1]), dstreams.seconds
    check(said(lambda: d.window(b * 1.5)))
    check(said(lambda: d.window(2 * b, b / 2)))
    check(said(lambda: d.map(lambda x: (x, 1)).reduceByKeyAndWindow(operator.add, None, 0.3)))
    check(said(lambda: d.window(2 * b, 2 * b).window(3 * b)))
    check(said(lambda: d.window(2 * b, 2 * b).union(d)))
    check(said(lambda: d.countByWindow(2 * b, 0.3)))
    check(said(lambda: dstreams.ssc.union(d, d.window(2 * b, 2 * b))))
    check(said(lambda: d.map(lambda x: x).transformWith(lambda a, c: a.union(c), d.window(2 * b, 2 * b)) and None))



@pytest.mark.only_ours("PySpark takes windows of no length, and fails or hangs when it runs")
@pytest.mark.parametrize("make", [lambda d, b: d.window(0), lambda d, b: d.window(-b), lambda d, b: d.window(2 * b, 0), lambda d, b: d.window(b, -b)])
def test_windows_of_no_length_are_refused(dstreams, make):
    with pytest.raises(dstreams.api.errors.PySparkException):
        make(dstreams.queue([1]), dstreams.seconds)
