"""Accumulators: what counts, and what workers may not do."""
import pytest
from contexts import refusal, run_refusal


@pytest.fixture
def sc(spark):
    return spark.sparkContext


def test_actions(check, sc):
    a = sc.accumulator(0)
    sc.parallelize(range(10), 2).foreach(lambda x: a.add(x))
    check([a.value, str(a)])
    made = sc.parallelize(range(4), 2).map(lambda x: (a.add(1), x)[1])
    check([a.value, made.count(), a.value, made.collect(), a.value, made.take(1), a.value, made.first(), a.value])
    a += 5
    check(a.value)
    a.value = 2
    check(a.value)


def test_kinds(check, sc):
    check([sc.accumulator(1.5).value, sc.accumulator(2 + 1j).value == 2 + 1j, sc.accumulator(True).value])
    for value in ([1], "x", None):
        check(refusal(lambda: sc.accumulator(value)))


def test_custom(check, sc, api):
    class Joined(api.root.AccumulatorParam):
        def zero(self, value):
            return ""

        def addInPlace(self, one, other):
            return one + other

    class Seen(api.root.AccumulatorParam):
        def zero(self, value):
            return set()

        def addInPlace(self, one, other):
            return one | (other if isinstance(other, set) else {other})

    class Vector(api.root.AccumulatorParam):
        def zero(self, value):
            return [0.0] * len(value)

        def addInPlace(self, one, other):
            for i in range(len(one)):
                one[i] += other[i]
            return one

    text = sc.accumulator("s:", Joined())
    sc.parallelize(["a", "b", "c"], 1).foreach(lambda x: text.add(x))
    check(text.value)
    seen = sc.accumulator(set(), Seen())
    sc.parallelize([1, 2, 2, 3], 2).foreach(lambda x: seen.add(x))
    check(seen.value)
    vector = sc.accumulator([1.0, 2.0], Vector())
    sc.parallelize([1, 2, 3], 2).foreach(lambda x: vector.add([x, 2 * x]))
    check(vector.value)


def test_failed_tasks(check, sc):
    a = sc.accumulator(0)

    def fail(x):
        a.add(100)
        raise ValueError("boom")

    check([run_refusal(lambda: sc.parallelize([1], 1).map(fail).collect()), a.value])
    check([run_refusal(lambda: sc.parallelize([1], 1).foreach(lambda x: a.add("z"))), a.value])


def test_workers_may_not_read(check, sc):
    a = sc.accumulator(3)
    check(run_refusal(lambda: sc.parallelize([1], 1).map(lambda x: a.value).collect()))

    def set_value(x):
        a.value = 7

    check(run_refusal(lambda: sc.parallelize([1], 1).foreach(set_value)))
    check(sc.parallelize([1], 1).map(lambda x: (a.add(5), str(a))[1]).collect())
    check(a.value)


def test_cached_and_shuffled(check, sc):
    a, b = sc.accumulator(0), sc.accumulator(0)
    kept = sc.parallelize(range(3), 1).map(lambda x: (a.add(1), x)[1]).cache()
    check([kept.count(), a.value, kept.count(), a.value])
    shuffled = sc.parallelize(range(3), 1).map(lambda x: (b.add(1), (x, 1))[1]).reduceByKey(max)
    check([shuffled.count(), b.value, shuffled.count(), b.value])


def test_in_plans(check, spark, sc, F):
    a = sc.accumulator(0)
    spark.range(10).select(F.udf(lambda x: (a.add(x), x)[1], "long")("id")).collect()
    check(a.value)
    spark.range(5).foreach(lambda row: a.add(row.id))
    check(a.value)
    spark.range(5).rdd.foreach(lambda row: a.add(1))
    check(a.value)


def test_several_in_one_function(check, sc):
    a, b = sc.accumulator(0), sc.accumulator(0.0)

    def both(x):
        a.add(1)
        b.add(x / 2)
        return x

    check([sc.parallelize(range(6), 3).map(both).filter(lambda x: (a.add(10), True)[1]).count(), a.value, b.value])
