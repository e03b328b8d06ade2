"""RDD transformations of partitions: which elements lie where, and what lineages say."""

import pytest


def ints(sc, count, partitions):
    return sc.parallelize(list(range(count)), partitions)


CASES = {
    "union": lambda sc: ints(sc, 5, 2).union(ints(sc, 3, 1)),
    "union of itself": lambda sc: (lambda r: r + r)(ints(sc, 5, 2)),
    "union with an empty one": lambda sc: ints(sc, 5, 2).union(sc.emptyRDD()),
    "union of three": lambda sc: sc.union([ints(sc, 2, 1), ints(sc, 3, 2), ints(sc, 2, 1)]),
    "union of RDDs partitioned alike": lambda sc: ints(sc, 9, 2).keyBy(lambda x: x % 4).partitionBy(3).union(ints(sc, 4, 2).keyBy(lambda x: x).partitionBy(3)),
    "cartesian": lambda sc: ints(sc, 7, 2).cartesian(ints(sc, 5, 1)),
    "cartesian of 3 and 2": lambda sc: ints(sc, 4, 3).cartesian(ints(sc, 3, 2)),
    "cartesian of growing batches": lambda sc: ints(sc, 9, 2).map(lambda x: x).cartesian(sc.parallelize("abcdefg", 1).map(lambda x: x)),
    "cartesian of a range": lambda sc: sc.parallelize(range(9), 2).cartesian(sc.parallelize(range(3), 1)),
    "cartesian of a cartesian": lambda sc: ints(sc, 3, 1).cartesian(sc.parallelize("ab", 1)).cartesian(sc.parallelize("xyz", 1)),
    "cartesian after reduceByKey": lambda sc: (lambda r: r.cartesian(r))(ints(sc, 9, 2).keyBy(lambda x: x % 3).reduceByKey(max)),
    "zip": lambda sc: ints(sc, 9, 3).zip(ints(sc, 9, 3).map(str)),
    "zip of equal batches": lambda sc: ints(sc, 9, 3).zip(sc.parallelize("abcdefghi", 3)),
    "zip of a zip": lambda sc: ints(sc, 9, 3).zip(ints(sc, 9, 3)).zip(ints(sc, 9, 3).map(str)),
    "zip of many": lambda sc: ints(sc, 3000, 2).zip(ints(sc, 3000, 2).map(lambda x: x)).filter(lambda p: p[0] != p[1] or p[0] % 500 == 0),
    "coalesce to 3": lambda sc: ints(sc, 20, 7).coalesce(3),
    "coalesce to more": lambda sc: ints(sc, 20, 3).coalesce(7),
    "coalesce to 1": lambda sc: ints(sc, 20, 5).map(lambda x: -x).coalesce(1),
    "coalesce 10 to 4": lambda sc: ints(sc, 20, 10).coalesce(4),
    "coalesce of nothing": lambda sc: sc.emptyRDD().coalesce(2),
    "coalesce with shuffle": lambda sc: ints(sc, 40, 2).coalesce(3, True),
    "repartition 20 of 4 to 3": lambda sc: ints(sc, 20, 4).repartition(3),
    "repartition 100 of 2 to 5": lambda sc: ints(sc, 100, 2).repartition(5),
    "repartition 1000 of 3 to 8": lambda sc: ints(sc, 1000, 3).repartition(8),
    "repartition 1000 of 5 to 4 after map": lambda sc: ints(sc, 1000, 5).map(lambda x: x).repartition(4),
    "repartition 57 of 1 to 4": lambda sc: ints(sc, 57, 1).repartition(4),
    "repartition 300 of 7 to 2": lambda sc: ints(sc, 300, 7).repartition(2),
    "repartition 300 of 20 to 6": lambda sc: ints(sc, 300, 20).repartition(6),
    "repartition of nothing": lambda sc: sc.parallelize([], 2).repartition(3),
    "repartition to 1": lambda sc: ints(sc, 30, 4).repartition(1),
}


@pytest.mark.parametrize("case", CASES)
def test_partitions(spark, check, case):
    rdd = CASES[case](spark.sparkContext)
    check(rdd.glom().collect())
    check(rdd.getNumPartitions())


@pytest.mark.parametrize("case", ["other partitions", "other lengths", "other lengths then map", "other numbers of batches", "not positive", "not positive coalesce", "no RDD", "no RDD in union"])
def test_refused(spark, check, case):
    sc = spark.sparkContext
    ten = ints(sc, 10, 2)
    check.error({
        "other partitions": lambda: ten.zip(ints(sc, 10, 3)),
        "other lengths": lambda: ten.zip(ints(sc, 9, 2)).collect(),
        "other lengths then map": lambda: ten.zip(ints(sc, 9, 2)).map(lambda p: p).collect(),
        "other numbers of batches": lambda: ints(sc, 1000, 2).map(lambda x: x).zip(ints(sc, 9, 2).map(lambda x: x)).collect(),
        "not positive": lambda: ten.repartition(0),
        "not positive coalesce": lambda: ten.coalesce(-1),
        "no RDD": lambda: ten + 1,
        "no RDD in union": lambda: ten.union([1]),
    }[case])


LINEAGES = {
    "a collection": lambda sc: sc.parallelize([1, 2], 2),
    "a range": lambda sc: sc.range(5),
    "map": lambda sc: ints(sc, 4, 2).map(str).filter(len).mapValues(str),
    "reduceByKey": lambda sc: ints(sc, 4, 2).keyBy(str).reduceByKey(max),
    "groupByKey after reduceByKey": lambda sc: ints(sc, 4, 2).keyBy(str).reduceByKey(max).map(lambda kv: kv).groupByKey(12),
    "join": lambda sc: (lambda r: r.join(r))(ints(sc, 4, 2).keyBy(str)),
    "join of RDDs partitioned alike": lambda sc: (lambda r: r.join(r.mapValues(str)))(ints(sc, 4, 2).keyBy(str).reduceByKey(max)),
    "union": lambda sc: ints(sc, 4, 2).union(ints(sc, 4, 2)),
    "union of other kinds": lambda sc: ints(sc, 4, 2).union(ints(sc, 4, 2).map(str)),
    "three": lambda sc: sc.union([ints(sc, 4, 2), ints(sc, 2, 1).map(str), sc.parallelize([], 1)]),
    "cartesian": lambda sc: ints(sc, 4, 12).cartesian(ints(sc, 4, 1)),
    "zip": lambda sc: ints(sc, 4, 2).zip(sc.range(4, numSlices=2)),
    "coalesce": lambda sc: ints(sc, 4, 3).map(str).coalesce(2),
    "repartition": lambda sc: ints(sc, 4, 3).repartition(2),
    "sortBy": lambda sc: ints(sc, 4, 3).sortBy(lambda x: -x),
    "distinct": lambda sc: ints(sc, 4, 3).distinct(),
    "zipWithIndex": lambda sc: ints(sc, 4, 3).zipWithIndex(),
    "partitionBy": lambda sc: ints(sc, 4, 3).keyBy(str).partitionBy(2),
    "subtract": lambda sc: ints(sc, 4, 3).subtract(ints(sc, 4, 3)),
    "named": lambda sc: ints(sc, 4, 3).map(str).setName("strings").map(len).setName("lengths"),
    "cached": lambda sc: ints(sc, 4, 3).map(str).cache().map(len),
    "on disk": lambda sc: ints(sc, 4, 3).map(str).persist(sc_level(sc, "DISK_ONLY")),
    "nothing": lambda sc: sc.emptyRDD(),
}


def sc_level(sc, name):
    import importlib

    return getattr(importlib.import_module(type(sc).__module__.partition(".")[0] + ".storagelevel").StorageLevel, name)


@pytest.mark.parametrize("case", LINEAGES)
def test_lineage(spark, check, case):
    """The text, with numbers counted from the first new RDD's."""
    import re

    sc = spark.sparkContext
    first = sc.parallelize([0], 1).id() + 1
    text = LINEAGES[case](sc).toDebugString().decode()
    text = re.sub(r"NativeMethodAccessorImpl.java:0|<unknown>:0", "JAVA", text)  # reflection has two ways
    text = re.sub(r"RDD(2?)\[(\d+)\]", lambda m: f"RDD{m[1]}[+{int(m[2]) - first}]", text)
    check(re.sub(r" at \S*test_rdd_layout.py:\d+", " at HERE", text).splitlines())
