"""What goes wrong in RDDs: the exception, and what its text tells of the user's function."""

import threading

import pytest

LOCK = threading.Lock()


def numbers(sc):
    return sc.parallelize(range(8), 2)


def boom(x):
    if x == 5:
        raise ValueError(f"boom {x}")
    return x


def no_more(*_):
    return next(iter(()))


CASES = {
    "map": lambda sc: numbers(sc).map(boom).collect(),
    "map under take": lambda sc: numbers(sc).map(boom).take(7),
    "filter": lambda sc: numbers(sc).filter(boom).count(),
    "flatMap to a number": lambda sc: numbers(sc).flatMap(lambda x: x).collect(),
    "mapPartitions to None": lambda sc: numbers(sc).mapPartitions(lambda it: None).collect(),
    "mapPartitions to a number": lambda sc: numbers(sc).mapPartitions(lambda it: 3).collect(),
    "foreach": lambda sc: numbers(sc).foreach(boom),
    "reduce": lambda sc: numbers(sc).reduce(lambda a, b: boom(5)),
    "reduce in the driver": lambda sc: sc.parallelize([1, 2], 2).reduce(lambda a, b: a.no),
    "behind a shuffle": lambda sc: numbers(sc).keyBy(lambda x: x % 2).groupByKey().mapValues(lambda v: boom(5)).collect(),
    "before a shuffle": lambda sc: numbers(sc).map(boom).keyBy(lambda x: x % 2).groupByKey().count(),
    "in reduceByKey": lambda sc: numbers(sc).keyBy(lambda x: x % 2).reduceByKey(lambda a, b: boom(5)).collect(),
    "in a partition function": lambda sc: numbers(sc).keyBy(lambda x: x).partitionBy(2, boom).collect(),
    "in sortBy": lambda sc: numbers(sc).sortBy(boom).collect(),
    "KeyError": lambda sc: numbers(sc).map(lambda x: {}[x]).collect(),
    "sys.exit": lambda sc: numbers(sc).map(lambda x: __import__("sys").exit(3)).collect(),
    "StopIteration in map": lambda sc: numbers(sc).map(no_more).collect(),
    "StopIteration in flatMap": lambda sc: numbers(sc).flatMap(no_more).collect(),
    "StopIteration in filter": lambda sc: numbers(sc).filter(no_more).collect(),
    "StopIteration in reduce": lambda sc: numbers(sc).reduce(no_more),
    "StopIteration in fold": lambda sc: numbers(sc).fold(0, no_more),
    "StopIteration in foreach": lambda sc: numbers(sc).foreach(no_more),
    "StopIteration in reduceByKey": lambda sc: numbers(sc).keyBy(lambda x: x % 2).reduceByKey(no_more).collect(),
    "StopIteration in combineByKey": lambda sc: numbers(sc).keyBy(lambda x: x % 2).combineByKey(no_more, max, max).collect(),
    "StopIteration in the last element": lambda sc: numbers(sc).map(lambda x: no_more() if x == 7 else x).collect(),
    "StopIteration in mapValues": lambda sc: numbers(sc).keyBy(str).mapValues(no_more).collect(),
    "no pairs in reduceByKey": lambda sc: numbers(sc).reduceByKey(max).collect(),
    "no pairs in groupByKey": lambda sc: sc.parallelize([(1, 2, 3)], 1).groupByKey().collect(),
    "no pairs in partitionBy": lambda sc: numbers(sc).partitionBy(2).collect(),
    "no pairs in keys": lambda sc: numbers(sc).keys().collect(),
    "no pairs in join": lambda sc: numbers(sc).join(numbers(sc)).collect(),
    "no pairs in sortByKey": lambda sc: numbers(sc).sortByKey().collect(),
    "no pairs in collectAsMap": lambda sc: numbers(sc).collectAsMap(),
    "no pairs in lookup": lambda sc: numbers(sc).lookup(1),
    "strings of two as pairs": lambda sc: sc.parallelize(["ab", "ac"], 1).groupByKey().mapValues(list).collect(),
    "unhashable keys": lambda sc: sc.parallelize([([1], 2)], 1).reduceByKey(max).collect(),
    "unhashable keys in partitionBy": lambda sc: sc.parallelize([([1], 2)], 1).partitionBy(2).collect(),
    "unhashable elements in distinct": lambda sc: sc.parallelize([[1], [1]], 1).distinct().collect(),
    "keys that do not compare": lambda sc: sc.parallelize([(1, 1), ("a", 2)], 2).sortByKey().collect(),
    "a lock in a closure": lambda sc: numbers(sc).map(lambda x: LOCK.locked()).collect(),
    "a lock in reduceByKey": lambda sc: numbers(sc).keyBy(str).reduceByKey(lambda a, b: LOCK).collect(),
    "the context in a closure": lambda sc: numbers(sc).map(lambda x: sc.parallelize([x]).count()).collect(),
    "an RDD in a closure": lambda sc: (lambda r: r.map(lambda x: r.count()).collect())(numbers(sc)),
    "a generator as element": lambda sc: numbers(sc).map(lambda x: (i for i in [x])).collect(),
    "a generator as element, counted": lambda sc: numbers(sc).map(lambda x: (i for i in [x])).count(),
    "a lambda as element": lambda sc: [f() for f in numbers(sc).map(lambda x: (lambda: x)).collect()],
    "parallelize of a lock": lambda sc: sc.parallelize([LOCK], 1).collect(),
    "pipe that fails": lambda sc: numbers(sc).pipe("false", checkCode=True).collect(),
    "pipe to no command": lambda sc: numbers(sc).pipe("no-such-command-here").collect(),
    "partition function to text": lambda sc: numbers(sc).keyBy(str).partitionBy(2, lambda k: "x").collect(),
    "portable_hash": lambda sc: __import__(type(sc).__module__.partition(".")[0] + ".core.rdd").core.rdd.portable_hash("a"),
}


@pytest.mark.parametrize("case", CASES)
def test_outcome(spark, check, monkeypatch, case):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    check.outcome(lambda: CASES[case](spark.sparkContext))


TOLD = {
    "map": ("boom", "ValueError: boom 5", 'raise ValueError(f"boom {x}")', "Traceback (most recent call last)"),
    "behind a shuffle": ("ValueError: boom 5", "boom"),
    "before a shuffle": ("ValueError: boom 5",),
    "KeyError": ("KeyError: ", "{}[x]"),
    "no pairs in reduceByKey": ("TypeError", "cannot unpack non-iterable int object"),
    "no pairs in groupByKey": ("ValueError", "too many values to unpack (expected 2)"),
    "mapPartitions to None": ("TypeError", "'NoneType' object is not iterable"),
    "StopIteration in map": ("STOP_ITERATION_OCCURRED",),
    "pipe that fails": ("PIPE_FUNCTION_EXITED", "false", "1"),
    "a lock in a closure": ("cannot pickle '_thread.lock' object",),
    "the context in a closure": ("CONTEXT_ONLY_VALID_ON_DRIVER",),
    "an RDD in a closure": ("RDD_TRANSFORM_ONLY_VALID_ON_DRIVER",),
    "unhashable keys": ("unhashable type: 'list'",),
}


@pytest.mark.parametrize("case", TOLD)
def test_text(spark, check, case):
    with pytest.raises(Exception) as raised:
        CASES[case](spark.sparkContext)
    check([part in str(raised.value) for part in TOLD[case]])
    check(__file__.rpartition("/")[2] in str(raised.value))


def test_a_context_goes_on_after_a_failure(spark, check):
    sc = spark.sparkContext
    for _ in range(3):
        check.outcome(lambda: numbers(sc).map(boom).count())
    check(numbers(sc).count())
