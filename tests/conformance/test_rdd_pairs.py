"""RDD transformations by key: which partition a key goes to, and the order in it."""

import operator

import pytest


def pairs(sc, count=30, partitions=3):
    return sc.parallelize([(i * 7 % 11, i) for i in range(count)], partitions)


def others(sc):
    return sc.parallelize([(i % 5, chr(97 + i)) for i in range(12)], 2)


def listed(rdd):
    """The values of groups as lists."""
    return rdd.mapValues(lambda v: tuple(map(list, v)) if isinstance(v, tuple) else list(v))


def text_keys(sc):
    return sc.parallelize([(w, i) for i, w in enumerate("to be or not to be that is the question".split())], 2)


MIXED = [None, 0, 1, -1, 1.5, 2**70, True, "a", "é", b"x", (), (1,), (1, "a", None), ((1, 2), (3, (4,))), 3.0, 10**18, -7, frozenset()]

CASES = {
    "reduceByKey": lambda sc: pairs(sc).reduceByKey(operator.add),
    "reduceByKey in order": lambda sc: pairs(sc).mapValues(str).reduceByKey(operator.add),
    "reduceByKey to 2": lambda sc: pairs(sc).reduceByKey(max, 2),
    "reduceByKey to 7": lambda sc: pairs(sc).reduceByKey(max, 7),
    "reduceByKey by a function": lambda sc: pairs(sc).reduceByKey(max, 3, lambda k: k // 4),
    "reduceByKey to none": lambda sc: pairs(sc).reduceByKey(max, 0),
    "reduceByKey of words": lambda sc: text_keys(sc).reduceByKey(operator.add, 4),
    "groupByKey": lambda sc: listed(pairs(sc).groupByKey()),
    "groupByKey to 2": lambda sc: listed(text_keys(sc).groupByKey(2)),
    "groupBy": lambda sc: listed(sc.parallelize(range(20), 3).groupBy(lambda x: x % 3)),
    "combineByKey": lambda sc: pairs(sc).combineByKey(lambda v: [v], lambda a, v: a + [v], lambda a, b: a + ["|"] + b),
    "aggregateByKey": lambda sc: pairs(sc).aggregateByKey([], lambda a, v: a + [v], lambda a, b: a + ["|"] + b),
    "aggregateByKey with a mutable zero": lambda sc: pairs(sc).aggregateByKey([], lambda a, v: a.append(v) or a, lambda a, b: a + b),
    "foldByKey": lambda sc: pairs(sc).foldByKey(100, operator.add),
    "partitionBy": lambda sc: pairs(sc).partitionBy(4),
    "partitionBy of all kinds": lambda sc: sc.parallelize([(k, str(k)) for k in MIXED], 3).partitionBy(5),
    "partitionBy default": lambda sc: pairs(sc).partitionBy(None),
    "partitionBy by a function": lambda sc: pairs(sc).partitionBy(3, lambda k: -k),
    "partitionBy of lists": lambda sc: sc.parallelize([[1, "a"], [2, "b"]], 1).partitionBy(2),
    "partitionBy to none": lambda sc: pairs(sc).partitionBy(0),
    "partitionBy twice": lambda sc: pairs(sc).partitionBy(4).partitionBy(4).mapValues(str),
    "distinct": lambda sc: sc.parallelize([3, 1, 3, 2, 1, 1, 7, 3], 3).distinct(),
    "distinct to 2": lambda sc: sc.parallelize([(1, "a"), (1, "a"), (2, "b"), None, None], 2).distinct(2),
    "intersection": lambda sc: sc.parallelize([1, 10, 2, 3, 4, 5, 5], 2).intersection(sc.parallelize([1, 6, 2, 3, 7, 5], 2)),
    "subtract": lambda sc: sc.parallelize([1, 2, 2, 3, 4, 1], 2).subtract(sc.parallelize([2, 5], 1)),
    "subtractByKey": lambda sc: pairs(sc).subtractByKey(others(sc)),
    "subtractByKey to 2": lambda sc: pairs(sc).subtractByKey(others(sc), 2),
    "join": lambda sc: pairs(sc).join(others(sc)),
    "join to 3": lambda sc: pairs(sc).join(others(sc), 3),
    "leftOuterJoin": lambda sc: pairs(sc, 9).leftOuterJoin(others(sc)),
    "rightOuterJoin": lambda sc: pairs(sc, 4).rightOuterJoin(others(sc)),
    "fullOuterJoin": lambda sc: pairs(sc, 9).fullOuterJoin(others(sc)),
    "join of RDDs partitioned alike": lambda sc: pairs(sc).partitionBy(3).join(others(sc).partitionBy(3)),
    "join with itself": lambda sc: (lambda r: r.join(r))(others(sc)),
    "cogroup": lambda sc: listed(pairs(sc).cogroup(others(sc))),
    "cogroup to 2": lambda sc: listed(pairs(sc).cogroup(others(sc), 2)),
    "groupWith": lambda sc: listed(pairs(sc).groupWith(others(sc), pairs(sc, 5).mapValues(str))),
    "reduceByKey then join": lambda sc: (lambda r: r.join(r.mapValues(lambda v: -v)))(pairs(sc).reduceByKey(operator.add)),
    "reduceByKey twice": lambda sc: pairs(sc).reduceByKey(operator.add).map(lambda kv: (kv[0] % 3, kv[1])).reduceByKey(operator.add, 2),
    "sortByKey": lambda sc: pairs(sc).sortByKey(),
    "sortByKey down": lambda sc: pairs(sc).sortByKey(False),
    "sortByKey to 1": lambda sc: pairs(sc).sortByKey(True, 1),
    "sortByKey to 1 down": lambda sc: pairs(sc).sortByKey(False, 1),
    "sortByKey to 5": lambda sc: pairs(sc, 200, 4).sortByKey(True, 5),
    "sortByKey of many": lambda sc: pairs(sc, 3000, 4).sortByKey(False, 6).keys().map(lambda k: k).glom().map(lambda p: [(k, p.count(k)) for k in sorted(set(p))]),
    "sortByKey by a function": lambda sc: text_keys(sc).sortByKey(True, 3, keyfunc=lambda k: k[::-1]),
    "sortByKey of nothing": lambda sc: sc.parallelize([], 2).sortByKey(),
    "sortBy": lambda sc: sc.parallelize([5, 3, 8, 1, 9, 2, 7], 3).sortBy(lambda x: -x),
    "sortBy down to 2": lambda sc: sc.parallelize("a quick brown fox".split(), 3).sortBy(len, False, 2),
    "sortBy is stable": lambda sc: sc.parallelize([(i % 3, i) for i in range(30)], 4).sortBy(lambda p: p[0], numPartitions=2),
    "sortBy down is stable": lambda sc: sc.parallelize([(i % 3, i) for i in range(30)], 4).sortBy(lambda p: p[0], False, 2),
    "repartitionAndSortWithinPartitions": lambda sc: pairs(sc).repartitionAndSortWithinPartitions(2),
    "repartitionAndSortWithinPartitions down": lambda sc: pairs(sc).repartitionAndSortWithinPartitions(2, lambda k: k % 2, False, lambda k: k * 5 % 7),
}


@pytest.mark.parametrize("case", CASES)
def test_partitions(spark, check, case):
    rdd = CASES[case](spark.sparkContext)
    check(rdd.glom().collect())
    check(rdd.getNumPartitions())


def test_partitioners(spark, check, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    sc = spark.sparkContext
    by3 = pairs(sc).partitionBy(3)
    same = {
        "mapValues": by3.mapValues(str), "filter": by3.filter(lambda kv: True), "map": by3.map(lambda kv: kv), "reduceByKey": by3.reduceByKey(max),
        "reduceByKey 4": by3.reduceByKey(max, 4), "flatMapValues": by3.flatMapValues(lambda v: [v]), "union": by3.union(by3), "sample": by3.sample(False, 0.5),
        "keys": by3.keys(), "groupByKey": by3.groupByKey(), "sortByKey": by3.sortByKey(), "map preserving": by3.map(lambda kv: kv, True),
    }
    check({name: rdd.partitioner == by3.partitioner for name, rdd in same.items()})
    check({name: rdd.getNumPartitions() for name, rdd in same.items()})
    check(by3.partitionBy(3) is by3)
    check(by3.partitioner(14))


def test_actions_by_key(spark, check, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    sc = spark.sparkContext
    check(sorted(pairs(sc).countByKey().items()))
    check(sorted(pairs(sc).reduceByKeyLocally(operator.add).items()))
    check(sorted(pairs(sc).collectAsMap().items()))
    check(pairs(sc).lookup(4))
    check(pairs(sc).lookup("none"))
    check(listed(pairs(sc).groupByKey()).lookup(3))
    check(text_keys(sc).lookup("be"))


@pytest.mark.only_ours("PySpark refuses it unless PYTHONHASHSEED is set in the driver")
def test_lookup_by_partition(spark):
    sc = spark.sparkContext
    rdd = text_keys(sc).partitionBy(4)
    assert rdd.lookup("be") == [1, 5]
    assert pairs(sc).partitionBy(4).lookup(7) == [1, 12, 23]
    assert pairs(sc).partitionBy(4).lookup(None) == []


def test_groups(spark, check):
    group = dict(spark.sparkContext.parallelize([("a", 1), ("a", 2), ("b", 3)], 2).groupByKey().collect())["a"]
    check([type(group).__name__, len(group), list(group), list(group), group.maxindex, group.index, group.data])


def test_modules_that_objects_show(spark, check):
    """What repr() and tracebacks name is the public module, whose objects still go to workers and back."""
    sc = spark.sparkContext
    shown = lambda o: [type(o).__module__.partition(".")[2], repr(o).partition(" object at ")[0].partition(".")[2]]
    groups = sc.parallelize([("a", 1), ("a", 2), ("b", 3)], 2).groupByKey()
    values = dict(groups.collect())["a"]
    check(shown(values))
    check(sorted(sc.parallelize([values], 1).map(lambda v: (type(v).__name__, list(v))).collect()[0][1]))
    check(groups.mapValues(lambda v: type(v).__module__.partition(".")[2]).collect())
    check(groups.cogroup(groups).mapValues(lambda v: [len(v), type(v[0]).__module__.partition(".")[2]]).collect())
    shared = sc.broadcast([1, 2])
    check([shown(shared), sc.parallelize([1], 1).map(lambda x: shared.value + [x]).collect()])


def test_union_of_many(spark, check):
    sc = spark.sparkContext
    rdds = [sc.parallelize([i, -i], 1 + i % 3) for i in range(40)]
    whole = sc.union(rdds)
    check([whole.getNumPartitions(), whole.collect(), whole.glom().collect(), whole.map(lambda x: (x % 5, x)).reduceByKey(operator.add).collect()])
    check(sc.union([whole, sc.emptyRDD(), sc.parallelize([7], 2)]).glom().collect()[-3:])
