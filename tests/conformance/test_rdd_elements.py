"""RDD transformations within partitions: contents of the partitions, in their order."""

import pytest


def numbers(sc):
    return sc.parallelize(range(20), 4)


def words(sc):
    return sc.parallelize("the quick brown fox jumps over the lazy dog the end".split(), 3)


def pairs(sc):
    return sc.parallelize([(i % 4, i) for i in range(14)], 3)


CASES = {
    "map": lambda sc: numbers(sc).map(lambda x: x * 2),
    "map to None": lambda sc: numbers(sc).map(lambda x: None),
    "flatMap": lambda sc: words(sc).flatMap(list),
    "flatMap of strings": lambda sc: words(sc).flatMap(lambda w: w[:2]),
    "flatMap of nothing": lambda sc: words(sc).flatMap(lambda w: []),
    "filter": lambda sc: numbers(sc).filter(lambda x: x % 3),
    "filter by truth": lambda sc: numbers(sc).filter(lambda x: x and [x]),
    "a chain": lambda sc: words(sc).flatMap(list).filter(lambda c: c > "h").map(lambda c: (c, 1)).mapValues(lambda n: n + 1),
    "mapPartitions": lambda sc: numbers(sc).mapPartitions(lambda it: [sum(it)]),
    "mapPartitions with yield": lambda sc: numbers(sc).mapPartitions(lambda it: (x for x in it if x % 2)),
    "mapPartitions that stops early": lambda sc: words(sc).mapPartitions(lambda it: [next(it)]),
    "mapPartitionsWithIndex": lambda sc: numbers(sc).mapPartitionsWithIndex(lambda i, it: [(i, list(it))]),
    "mapPartitionsWithSplit": lambda sc: numbers(sc).mapPartitionsWithSplit(lambda i, it: [i]),
    "glom of glom": lambda sc: numbers(sc).glom(),
    "keyBy": lambda sc: words(sc).keyBy(len),
    "keys": lambda sc: pairs(sc).keys(),
    "values": lambda sc: pairs(sc).values(),
    "mapValues": lambda sc: pairs(sc).mapValues(str),
    "mapValues of lists": lambda sc: sc.parallelize([[1, 2], [3, 4]], 1).mapValues(lambda v: -v),
    "flatMapValues": lambda sc: pairs(sc).flatMapValues(range),
    "pipe": lambda sc: numbers(sc).pipe("cat"),
    "pipe that sorts": lambda sc: words(sc).pipe("sort -r"),
    "pipe with environment": lambda sc: sc.parallelize([1], 1).pipe("printenv", {"ANSWER": "42"}),
    "pipe of lines": lambda sc: sc.parallelize(["a\n\n", "b\nc", ""], 1).pipe("cat"),
    "pipe that fails unseen": lambda sc: numbers(sc).pipe("false"),
    "zipWithIndex": lambda sc: words(sc).zipWithIndex(),
    "zipWithIndex of one": lambda sc: sc.parallelize("abc", 1).zipWithIndex(),
    "zipWithUniqueId": lambda sc: words(sc).zipWithUniqueId(),
    "no elements": lambda sc: sc.parallelize([], 3).map(lambda x: 1 / 0),
    "no partitions": lambda sc: sc.emptyRDD().map(lambda x: x).keyBy(len),
    "fewer elements than partitions": lambda sc: sc.parallelize([1, 2], 4).map(lambda x: x),
    "nested closures": lambda sc: (lambda k: numbers(sc).map(lambda x: (lambda y: x + y)(k)))(7),
    "methods as functions": lambda sc: words(sc).map(str.upper),
    "sample": lambda sc: sc.parallelize(range(100), 4).sample(False, 0.1, 81),
    "sample with replacement": lambda sc: sc.parallelize(range(100), 4).sample(True, 0.5, 7),
    "sample with much replacement": lambda sc: sc.parallelize(range(10), 2).sample(True, 25.0, 7),
    "sample of all": lambda sc: numbers(sc).sample(False, 1.0, 1),
    "sample of none": lambda sc: numbers(sc).sample(False, 0.0, 1),
    "sampleByKey": lambda sc: sc.parallelize([(k, i) for i in range(60) for k in "ab"], 2).sampleByKey(False, {"a": 0.2, "b": 0.1}, 0),
    "sampleByKey with replacement": lambda sc: sc.parallelize([(k, i) for i in range(30) for k in "ab"], 2).sampleByKey(True, {"a": 0.9, "b": 0.1}, 3),
}


@pytest.mark.parametrize("case", CASES)
def test_partitions(spark, check, case):
    check(CASES[case](spark.sparkContext).glom().collect())


@pytest.mark.parametrize("seed", [0, 17, 123456789012])
def test_random_split(spark, check, seed):
    parts = spark.sparkContext.parallelize(range(300), 3).randomSplit([2, 3, 1], seed)
    check([part.glom().collect() for part in parts])
    check(sorted(x for part in parts for x in part.collect()) == list(range(300)))


@pytest.mark.parametrize("replacement,count", [(False, 0), (False, 5), (False, 40), (False, 1000), (True, 5), (True, 60), (True, 300)])
def test_take_sample(spark, check, replacement, count):
    check(spark.sparkContext.parallelize(range(100), 5).takeSample(replacement, count, 42))


def test_functions_are_unpickled_for_each_task(spark, check):
    seen = []

    def note(x):
        seen.append(x)
        return len(seen)

    rdd = spark.sparkContext.parallelize(range(8), 4).map(note)
    check(rdd.collect())
    check(rdd.collect())
    check(seen)


def test_laziness(spark, check, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()

    def mark(x):
        (marks / str(x)).write_text("")
        return x

    rdd = spark.sparkContext.parallelize(range(6), 6).map(mark).map(lambda x: x)
    check(len(list(marks.iterdir())))
    check(rdd.take(2))
    check(len(list(marks.iterdir())) < 6)
    check(rdd.count())
    check(len(list(marks.iterdir())))


def test_a_global_that_changes_between_actions(spark, check):
    factor = [2]
    rdd = spark.sparkContext.parallelize(range(3), 1).map(lambda x: x * factor[0])
    check(rdd.sum())
    factor[0] = 3
    check(rdd.sum())
    check(rdd.collect())
    factor[0] = 4
    check(rdd.collect())


@pytest.fixture
def of_the_main_program(monkeypatch):
    """A class that lies in the main program, which workers do not import."""
    import sys

    class Point:
        def __init__(self, x, y):
            self.x, self.y = x, y

        def __eq__(self, other):
            return (self.x, self.y) == (other.x, other.y)

        def __hash__(self):
            return hash((self.x, self.y))

    Point.__module__, Point.__qualname__ = "__main__", "Point"
    monkeypatch.setattr(sys.modules["__main__"], "Point", Point, raising=False)
    return Point


def test_classes_of_the_main_program(spark, check, of_the_main_program):
    Point, sc = of_the_main_program, spark.sparkContext
    check(sc.parallelize([Point(1, 2), Point(3, 4)], 2).map(lambda p: p.x + p.y).collect())
    check(sorted((k.x, v) for k, v in sc.parallelize(range(8), 3).map(lambda x: (Point(x % 2, 0), x)).reduceByKey(max).collect()))
    check([type(p) is Point for p in sc.parallelize(range(2), 1).map(lambda x: Point(x, x)).collect()])
    check([p.x for p in sc.parallelize([Point(i, 0) for i in range(6)], 2).sortBy(lambda p: -p.x).collect()])
