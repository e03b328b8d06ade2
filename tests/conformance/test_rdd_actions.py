"""RDD actions: their results, and what they say of nothing and of what fails."""

import operator

import pytest


def numbers(sc):
    return sc.parallelize([5, 3, 9, 1, 7, 3, 8], 3)


def empty(sc):
    return sc.parallelize([], 2)



CASES = {
    "collect": lambda sc: numbers(sc).collect(),
    "count": lambda sc: numbers(sc).count(),
    "count of nothing": lambda sc: sc.emptyRDD().count(),
    "sum": lambda sc: numbers(sc).sum(),
    "sum of floats": lambda sc: sc.parallelize([0.1] * 10, 3).sum(),
    "sum of nothing": lambda sc: empty(sc).sum(),
    "max": lambda sc: [numbers(sc).max(), numbers(sc).max(key=lambda x: -x), sc.parallelize(["a", "bb"]).max(len)],
    "min": lambda sc: [numbers(sc).min(), numbers(sc).min(key=lambda x: -x)],
    "max of nothing": lambda sc: empty(sc).max(),
    "reduce": lambda sc: numbers(sc).map(str).reduce(operator.add),
    "reduce with empty partitions": lambda sc: sc.parallelize([1, 2], 5).reduce(operator.add),
    "reduce of nothing": lambda sc: empty(sc).reduce(max),
    "reduce of no partitions": lambda sc: sc.emptyRDD().reduce(max),
    "fold": lambda sc: numbers(sc).fold(0, operator.add),
    "fold that counts its zeros": lambda sc: numbers(sc).fold(100, operator.add),
    "fold of lists": lambda sc: numbers(sc).map(lambda x: [x]).fold([], operator.add),
    "aggregate": lambda sc: numbers(sc).aggregate((0, 0), lambda a, x: (a[0] + x, a[1] + 1), lambda a, b: (a[0] + b[0], a[1] + b[1])),
    "aggregate of nothing": lambda sc: sc.emptyRDD().aggregate((0, 0), max, max),
    "treeReduce": lambda sc: [sc.parallelize(map(str, range(40)), p).treeReduce(operator.add, d) for p, d in ((10, 2), (30, 3), (3, 1), (25, 4))],
    "treeReduce of nothing": lambda sc: empty(sc).treeReduce(max),
    "treeReduce depth": lambda sc: numbers(sc).treeReduce(max, 0),
    "treeAggregate": lambda sc: [sc.parallelize(range(40), p).treeAggregate("", lambda a, x: f"{a}{x},", operator.add, d) for p, d in ((10, 2), (30, 3), (3, 1))],
    "treeAggregate of nothing": lambda sc: sc.emptyRDD().treeAggregate(7, max, max),
    "treeAggregate depth": lambda sc: numbers(sc).treeAggregate(0, max, max, -1),
    "stats": lambda sc: str(numbers(sc).stats()),
    "stats of floats": lambda sc: str(sc.parallelize([1.5, 2.25, -7.125, 1e9], 2).stats()),
    "stats of None": lambda sc: numbers(sc).map(lambda x: None).stats(),
    "stats of nothing": lambda sc: str(empty(sc).stats()),
    "stats of no partitions": lambda sc: sc.emptyRDD().stats(),
    "stats as dict": lambda sc: [sorted(numbers(sc).stats().asDict(s).items()) for s in (True, False)],
    "means": lambda sc: [getattr(numbers(sc), name)() for name in ("mean", "variance", "stdev", "sampleVariance", "sampleStdev")],
    "stats of many": lambda sc: str(sc.parallelize(range(1000), 7).map(lambda x: x * 0.1).stats()),
    "histogram": lambda sc: [sc.parallelize(range(51), 3).histogram(b) for b in (2, 3, 7, 1, [0, 5, 25, 50], [0, 15, 30, 45, 60], (0, 50))],
    "histogram of floats": lambda sc: sc.parallelize([0.5, 1.5, 9.75, float("nan"), None], 2).histogram(4),
    "histogram of strings": lambda sc: sc.parallelize(["ab", "ac", "b", "bd", "ef"], 2).histogram(("a", "b", "c")),
    "histogram of one value": lambda sc: sc.parallelize([1, 1], 2).histogram(3),
    "histogram of nothing": lambda sc: empty(sc).histogram(3),
    "histogram of nothing in bounds": lambda sc: empty(sc).histogram([1, 2]),
    "histogram out of bounds": lambda sc: numbers(sc).histogram([100, 200]),
    **{f"histogram by {b!r}": (lambda b: lambda sc: numbers(sc).histogram(b))(b) for b in (0, -1, [1], [2, 1], [1, 1], [1, None], [0.0, float("nan")], "ab", 2.5, {1, 2})},
    "histogram of infinity": lambda sc: sc.parallelize([1.0, float("inf")], 2).histogram(2),
    "histogram of words": lambda sc: sc.parallelize(["a", "b"], 2).histogram(2),
    "countByValue": lambda sc: sorted(numbers(sc).countByValue().items()),
    "countByValue's type": lambda sc: type(numbers(sc).countByValue()).__name__,
    "top": lambda sc: [numbers(sc).top(3), numbers(sc).top(100), numbers(sc).top(0), numbers(sc).top(2, key=lambda x: -x)],
    "top of nothing": lambda sc: [empty(sc).top(3)],
    "top of no partitions": lambda sc: sc.emptyRDD().top(3),
    "takeOrdered": lambda sc: [numbers(sc).takeOrdered(3), numbers(sc).takeOrdered(0), numbers(sc).takeOrdered(3, key=lambda x: -x), sc.emptyRDD().takeOrdered(1)],
    "takeOrdered of a negative number": lambda sc: numbers(sc).takeOrdered(-1),
    "take": lambda sc: [numbers(sc).take(n) for n in (-1, 0, 1, 2, 3, 6, 100)],
    "take over empty partitions": lambda sc: sc.parallelize(range(40), 40).filter(lambda x: x > 30).take(3),
    "first": lambda sc: numbers(sc).first(),
    "first of nothing": lambda sc: empty(sc).first(),
    "isEmpty": lambda sc: [numbers(sc).isEmpty(), empty(sc).isEmpty(), sc.emptyRDD().isEmpty(), numbers(sc).filter(lambda x: x > 9).isEmpty()],
    "toLocalIterator": lambda sc: [list(numbers(sc).toLocalIterator(p)) for p in (False, True)],
    "toLocalIterator's type": lambda sc: type(numbers(sc).toLocalIterator()).__name__,
    "runJob": lambda sc: [sc.runJob(numbers(sc), lambda it: [sum(it)]), sc.runJob(numbers(sc), lambda it: [sum(it)], [2, 0]), sc.runJob(numbers(sc), lambda it: it, [])],
    "runJob of a partition that is not there": lambda sc: sc.runJob(numbers(sc), lambda it: it, [9]),
    "foreach": lambda sc: numbers(sc).foreach(lambda x: x),
    "foreachPartition": lambda sc: numbers(sc).foreachPartition(lambda it: None),
    "foreachPartition that gives": lambda sc: numbers(sc).foreachPartition(lambda it: 3),
    "countApprox": lambda sc: [numbers(sc).countApprox(60000), numbers(sc).sumApprox(60000), numbers(sc).meanApprox(60000)],
    "sumApprox's bounds": lambda sc: sorted(vars(numbers(sc).sumApprox(60000)).items()),
    "countApproxDistinct": lambda sc: [sc.parallelize(range(n), 3).countApproxDistinct(r) for n in (0, 1, 10, 100) for r in (0.001, 0.01, 0.05)],
    "countApproxDistinct of words": lambda sc: [sc.parallelize(map(str, range(n)), 3).countApproxDistinct(r) for n in (10, 100, 1000) for r in (0.001, 0.01)],
    "countApproxDistinct of many": lambda sc: sc.parallelize(range(20000), 3).countApproxDistinct(0.2),
    "countApproxDistinct of kinds": lambda sc: sc.parallelize([1.5, None, (1, 2), "x", 1.5, -3], 2).countApproxDistinct(),
    "countApproxDistinct too accurate": lambda sc: numbers(sc).countApproxDistinct(0.00001),
    "takeSample of a negative number": lambda sc: numbers(sc).takeSample(False, -1),
    "takeSample of too many": lambda sc: numbers(sc).takeSample(False, 2**63),
    "sample of a negative fraction": lambda sc: numbers(sc).sample(False, -0.5),
    "sampleByKey of a negative fraction": lambda sc: numbers(sc).sampleByKey(False, {1: -0.5}),
    "randomSplit by negative weights": lambda sc: numbers(sc).randomSplit([1, -1]),
    "randomSplit by nothing": lambda sc: numbers(sc).randomSplit([0.0]),
    "name": lambda sc: [numbers(sc).name(), numbers(sc).setName("n").name(), numbers(sc).map(str).setName("m").name()],
    "levels": lambda sc: [str(numbers(sc).getStorageLevel()), str(numbers(sc).cache().getStorageLevel()), numbers(sc).cache().is_cached, numbers(sc).cache().unpersist().is_cached],
    "another level": lambda sc: numbers(sc).cache().persist(sc_level(sc, "DISK_ONLY")),
    "the same level": lambda sc: numbers(sc).cache().persist().is_cached,
    "level after unpersist": lambda sc: str(numbers(sc).cache().unpersist().persist(sc_level(sc, "DISK_ONLY")).getStorageLevel()),
    "resource profile": lambda sc: numbers(sc).getResourceProfile(),
    "barrier": lambda sc: sc.parallelize(range(4), 2).barrier().mapPartitions(lambda it: [sum(it)]).collect(),
    "barrier with index": lambda sc: sc.parallelize(range(4), 2).barrier().mapPartitionsWithIndex(lambda i, it: [(i, sum(it))]).collect(),
    "context": lambda sc: [numbers(sc).context is sc, numbers(sc).map(str).ctx is sc],
    "ids rise": lambda sc: (lambda a, b: b.id() - a.id())(sc.parallelize([1]), sc.parallelize([2])),
}


def sc_level(sc, name):
    import importlib

    return getattr(importlib.import_module(type(sc).__module__.partition(".")[0] + ".storagelevel").StorageLevel, name)


@pytest.mark.parametrize("case", CASES)
def test_action(spark, check, case):
    check.outcome(lambda: CASES[case](spark.sparkContext))


@pytest.mark.only_ours("what is known after a time depends on the machine")
def test_approximate_answers_of_what_is_done(spark, tmp_path):
    """The job goes on behind the answer; the file lets it end."""
    gate = str(tmp_path / "go")

    def wait(split, it):
        import os
        import threading

        while split == 1 and not os.path.exists(gate):
            threading.Event().wait(0.01)
        return it

    sc = spark.sparkContext
    rdd = sc.parallelize([float(x) for x in range(40)], 2).mapPartitionsWithIndex(wait)
    answers = [rdd.meanApprox(700), rdd.sumApprox(700)]
    (tmp_path / "go").touch()
    mean, total = answers
    assert mean == 9.5 and 0.9 < mean.confidence < 1 and 5 < mean.low < 9.5 < mean.high < 14
    assert total == 2 * sum(range(20)) and total.low == float("-inf") and total.high == float("inf")
    assert rdd.count() == 40


@pytest.mark.only_ours("an answer without any partition is the same on both, but takes a job that waits")
def test_approximate_answers_of_nothing(spark, tmp_path):
    gate = str(tmp_path / "go")

    def wait(it):
        import os
        import threading

        while not os.path.exists(gate):
            threading.Event().wait(0.01)
        return it

    rdd = spark.sparkContext.parallelize([1.0, 2.0], 1).mapPartitions(wait)
    found = rdd.sumApprox(50)
    (tmp_path / "go").touch()
    assert [found, found.confidence, found.low, found.high] == [0.0, 0.0, float("-inf"), float("inf")]
    assert rdd.sum() == 3.0
