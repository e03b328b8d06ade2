"""Every operation of a DStream that makes RDDs of RDDs: what each batch gives."""

import operator

import pytest

NUMBERS = [[1, 2, 3, 4, 5], [], [6, 7]]
PAIRS = [[("a", 1), ("b", 2), ("a", 3)], [("c", 4)], []]
INTS = [[(1, "x"), (2, "y"), (3, "z"), (1, "w")], [(4, "v")], []]
LEFT = [[("a", 1), ("b", 2)], [("c", 3), ("c", 4)], [("d", 5)]]
RIGHT = [[("a", "x"), ("e", "y")], [("c", "z")], []]


def plain(groups):
    return groups.mapValues(lambda vs: tuple(sorted(list(v) for v in vs) if isinstance(vs, tuple) else sorted(vs)))


ONE = {
    "map": (NUMBERS, lambda d: d.map(lambda x: x * 2)),
    "map preserving": (PAIRS, lambda d: d.map(lambda x: x, True)),
    "flatMap": (NUMBERS, lambda d: d.flatMap(lambda x: range(x % 3))),
    "filter": (NUMBERS, lambda d: d.filter(lambda x: x % 2)),
    "mapPartitions": (NUMBERS, lambda d: d.mapPartitions(lambda i: [sum(i)])),
    "mapPartitionsWithIndex": (NUMBERS, lambda d: d.mapPartitionsWithIndex(lambda s, i: [(s, list(i))])),
    "mapValues": (PAIRS, lambda d: d.mapValues(lambda v: v + 10)),
    "flatMapValues": (PAIRS, lambda d: d.flatMapValues(lambda v: "x" * v)),
    "glom": (NUMBERS, lambda d: d.glom()),
    "count": (NUMBERS, lambda d: d.count()),
    "reduce": (NUMBERS, lambda d: d.reduce(operator.add)),
    "countByValue": ([["a", "b", "a"], [], ["b"]], lambda d: d.countByValue()),
    "reduceByKey": (PAIRS, lambda d: d.reduceByKey(operator.add)),
    "reduceByKey in three": (INTS, lambda d: d.reduceByKey(operator.add, 3).glom()),
    "combineByKey": (PAIRS, lambda d: d.combineByKey(lambda v: [v], lambda c, v: c + [v], lambda a, b: a + b)),
    "combineByKey in one": (INTS, lambda d: d.combineByKey(lambda v: [v], lambda c, v: c + [v], lambda a, b: a + b, 1).glom()),
    "groupByKey": (PAIRS, lambda d: d.groupByKey().mapValues(lambda vs: (type(vs).__name__, len(vs), sorted(vs)))),
    "groupByKey in three": (INTS, lambda d: d.groupByKey(3).mapValues(list).glom()),
    "partitionBy": (INTS, lambda d: d.partitionBy(3).glom()),
    "partitionBy function": (INTS, lambda d: d.partitionBy(2, lambda k: 1).glom()),
    "repartition": (NUMBERS, lambda d: d.repartition(4).glom().map(len).count()),
    "repartition elements": (NUMBERS, lambda d: d.repartition(1)),
    "transform": (NUMBERS, lambda d: d.transform(lambda rdd: rdd.map(str))),
    "transform time": (NUMBERS, lambda d: d.transform(lambda t, rdd: rdd.map(lambda x: type(t).__name__))),
    "transform sorted": (INTS, lambda d: d.transform(lambda rdd: rdd.sortByKey(False))),
    "transform to None": (NUMBERS, lambda d: d.transform(lambda rdd: None)),
    "transform zip": (NUMBERS, lambda d: d.transform(lambda rdd: rdd.zip(rdd))),
    "transform to empty": (NUMBERS, lambda d: d.transform(lambda rdd: rdd.context.emptyRDD())),
    "transform take": (NUMBERS, lambda d: d.transform(lambda rdd: rdd.context.parallelize(rdd.take(1)))),
    "cached": (NUMBERS, lambda d: d.map(lambda x: x + 1).cache().map(lambda x: x * 10)),
    "union of itself": (NUMBERS, lambda d: d.union(d.map(lambda x: -x))),
    "join of itself": (PAIRS, lambda d: d.join(d)),
}
TWO = {
    "union": lambda a, b: a.union(b),
    "join": lambda a, b: a.join(b),
    "join in three": lambda a, b: a.join(b, 3),
    "leftOuterJoin": lambda a, b: a.leftOuterJoin(b),
    "rightOuterJoin": lambda a, b: a.rightOuterJoin(b),
    "fullOuterJoin": lambda a, b: a.fullOuterJoin(b),
    "cogroup": lambda a, b: plain(a.cogroup(b)),
    "cogroup types": lambda a, b: a.cogroup(b, 1).mapValues(lambda v: [type(x).__name__ for x in v]),
    "transformWith": lambda a, b: a.transformWith(lambda x, y: x.subtractByKey(y), b),
    "transformWith time": lambda a, b: a.transformWith(lambda t, x, y: x.cartesian(y), b),
    "transformWith serializer": lambda a, b: a.transformWith(lambda x, y: x.union(y), b, True),
}


@pytest.mark.parametrize("name", ONE)
def test_one(check, dstreams, name):
    batches, made = ONE[name]
    check(dstreams.run(made(dstreams.queue(*batches)), count=4))


@pytest.mark.parametrize("name", TWO)
def test_two(check, dstreams, name):
    a, b = dstreams.queue(*LEFT), dstreams.queue(*RIGHT)
    check(dstreams.run(TWO[name](a, b), count=4, each=lambda rows: sorted(rows, key=repr)))


def test_order_is_that_of_the_partitions(check, dstreams):
    d = dstreams.queue([3, 1, 2, 5, 4], [9, 8])
    check(dstreams.run(d.map(lambda x: x), d.map(lambda x: (x % 2, x)).reduceByKey(lambda a, b: a * 10 + b, 2), count=2, each=list))


def test_several_outputs_of_one_stream(check, dstreams):
    d = dstreams.queue(*NUMBERS).map(lambda x: x + 1)
    check(dstreams.run(d, d.count(), d.filter(lambda x: x > 3), count=3))


def test_context_union(check, dstreams):
    a, b, c = dstreams.queue([1], [2]), dstreams.queue([10], []), dstreams.queue([100], [200], [300])
    check(dstreams.run(dstreams.ssc.union(a, b, c), dstreams.ssc.union(a), count=3))


def test_context_union_gives_a_single_stream_back(check, dstreams):
    a = dstreams.queue([1])
    check(dstreams.ssc.union(a) is a)
    check.error(lambda: dstreams.ssc.union())


def test_context_transform(check, dstreams):
    a, b = dstreams.queue([1], [2]), dstreams.queue([10], [20])
    both = dstreams.ssc.transform([a, b], lambda rdds: rdds[0].union(rdds[1]).map(lambda x: (type(rdds).__name__, x)) if False else rdds[0].union(rdds[1]))
    kinds = []
    one = dstreams.ssc.transform([a], lambda rdds: kinds.append((type(rdds).__name__, len(rdds))) or rdds[0])
    check(dstreams.run(both, one, count=3))
    check(kinds[:3])


def test_a_stream_is_made_once_a_batch(check, dstreams):
    made = []
    d = dstreams.queue([1], [2], [3]).transform(lambda rdd: made.append(1) or rdd).persist(dstreams.api.root.StorageLevel.MEMORY_ONLY)
    dstreams.run(d, d.count(), d.map(lambda x: x), count=3)
    check(len(made) >= 3 and len(made) < 9)


def test_functions_see_the_drivers_variables(check, dstreams):
    seen, factor = [], {"by": 10}
    d = dstreams.queue([1], [2], [3]).transform(lambda rdd: rdd.map(lambda x, by=factor["by"]: x * by))
    d.foreachRDD(lambda rdd: seen.append(rdd.collect()))
    d.foreachRDD(lambda rdd: factor.update(by=factor["by"] + 1))
    dstreams.run(d, count=3)
    check(seen[0])
    check(factor["by"] >= 13)


def test_keys_that_a_hash_seed_would_move(check, dstreams):
    d = dstreams.queue([(None, 1), ((1, "a"), 2), (1.0, 3), (1, 4), (True, 5), (None, 6)])
    check(dstreams.run(d.reduceByKey(operator.add, 2), count=1, each=lambda rows: sorted(rows, key=repr)))


def test_attributes(check, dstreams):
    d = dstreams.queue([1])
    m = d.map(lambda x: x)
    check([type(d).__name__, type(m).__name__, d.context() is dstreams.ssc, d.is_cached, d.is_checkpointed, m._slideDuration])
    c = d.map(lambda x: x).cache()
    check([c.is_cached, c.is_checkpointed, d.checkpoint(dstreams.seconds * 4) is d, d.is_checkpointed])
    check(d.window(1, 0.5)._slideDuration)
