"""Broadcast variables."""
import pytest
from contexts import refusal, run_refusal


@pytest.fixture
def sc(spark):
    return spark.sparkContext


def test_value(check, sc):
    value = [1, 2, 3]
    b = sc.broadcast(value)
    check([b.value, b.value is b.value, b.value is value])
    check(sc.parallelize([0, 1, 2], 2).map(lambda i: b.value[i]).collect())
    check(sc.parallelize([0], 1).map(lambda i: (b.value.append(9), len(b.value))[1]).collect())
    check(b.value)


def test_in_a_udf(check, spark, sc, F):
    b = sc.broadcast({1: "one"})
    check(spark.range(3).select(F.udf(lambda x: b.value.get(x), "string")("id").alias("n")))


def test_unpersist(check, sc):
    b = sc.broadcast({"k": 1})
    check([b.unpersist(), b.unpersist(True), sc.parallelize([0]).map(lambda i: b.value["k"]).collect()])


def test_destroy(check, sc):
    b = sc.broadcast([5])
    made = sc.parallelize([0], 1).map(lambda i: b.value[i])
    check([made.collect(), b.value])
    b.destroy()
    check(b.value)
    check(refusal(lambda: sc.parallelize([0], 1).map(lambda i: b.value[i]).collect()))
    check(refusal(b.destroy))
    check(refusal(b.unpersist))
    unread = sc.broadcast(5)
    unread.destroy()
    check(refusal(lambda: unread.value))


def test_in_workers(check, sc):
    b = sc.broadcast(1)
    for use in (lambda i: b.unpersist(), lambda i: b.destroy(), lambda i: b):
        check(run_refusal(lambda: sc.parallelize([0], 1).map(use).collect()))


def test_what_is_no_value(check, sc):
    check(refusal(lambda: sc.broadcast(lambda x: x)))


def test_dump_and_load(check, sc, tmp_path):
    b, c = sc.broadcast([1, 2]), sc.broadcast(1)
    path = str(tmp_path / "dumped")
    with open(path, "wb") as file:
        b.dump(b.value, file)
    check(c.load_from_path(path))
    with open(path, "rb") as file:
        check(c.load(file))


def test_many_and_large(check, sc):
    many = [sc.broadcast(i) for i in range(20)]
    check(sc.parallelize(range(20), 3).map(lambda i: many[i].value).sum())
    large = sc.broadcast(list(range(200000)))
    check(sc.parallelize(range(4), 4).map(lambda i: large.value[-1] + i).collect())
