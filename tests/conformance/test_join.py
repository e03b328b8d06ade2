"""Joins: kinds, key forms, nulls, names, duplicates, non-equal conditions, ambiguity."""

import pytest

KINDS = ["inner", "left", "left_outer", "leftouter", "semi", "left_semi", "leftsemi", "anti", "left_anti", "leftanti", "right", "full", "outer", "cross", "LEFT", "nope"]


@pytest.fixture(scope="module")
def left(whole_session):
    return whole_session.createDataFrame([(1, "a"), (2, "b"), (2, "bb"), (3, "c"), (None, "n")], "id int, l string")


@pytest.fixture(scope="module")
def right(whole_session):
    return whole_session.createDataFrame([(1, "A"), (2, "B"), (2, "BB"), (4, "D"), (None, "N")], "id int, r string")


def rows(check, make):
    try:
        frame = make()
        check.unordered(frame)
    except Exception as e:
        check(e)


@pytest.mark.parametrize("kind", KINDS)
def test_using_name(check, left, right, kind):
    rows(check, lambda: left.join(right, "id", kind))


@pytest.mark.parametrize("kind", ["inner", "left", "semi", "anti"])
def test_by_condition(check, left, right, kind):
    rows(check, lambda: left.join(right, left.id == right.id, kind))
    rows(check, lambda: left.join(right, (left.id == right.id) & (left.l != "b"), kind))
    rows(check, lambda: left.join(right, left.id < right.id, kind))
    rows(check, lambda: left.join(right, left.id.eqNullSafe(right.id), kind))
    rows(check, lambda: left.join(right, (left.id == right.id) & (right.r > left.l), kind))


FORMS = {
    "list of names": lambda a, b, F: a.join(b, ["id"]), "several keys": lambda a, b, F: a.withColumn("k", F.lit(1)).join(b.withColumn("k", F.lit(1)), ["id", "k"]), "list of conditions": lambda a, b, F: a.join(b, [a.id == b.id, a.l == F.lower(b.r)]), "no condition": lambda a, b, F: a.join(b),
    "crossJoin": lambda a, b, F: a.crossJoin(b), "literal true": lambda a, b, F: a.join(b, F.lit(True)), "expression text": lambda a, b, F: a.alias("x").join(b.alias("y"), F.expr("x.id = y.id")), "aliases": lambda a, b, F: a.alias("x").join(b.alias("y"), F.col("x.id") == F.col("y.id")).select("x.id", "y.r"),
    "self join by alias": lambda a, b, F: a.alias("p").join(a.alias("q"), F.col("p.id") == F.col("q.id")).select("p.l", F.col("q.l").alias("m")), "different types": lambda a, b, F: a.join(b.withColumn("id", F.col("id").cast("bigint")), "id"), "int to string": lambda a, b, F: a.join(b.withColumn("id", F.col("id").cast("string")), "id"),
    "expression keys": lambda a, b, F: a.join(b, a.id + 1 == b.id), "then select both": lambda a, b, F: a.join(b, a.id == b.id).select(a.id, b.id, "l", "r"), "drop one side": lambda a, b, F: a.join(b, a.id == b.id).drop(b.id), "empty right": lambda a, b, F: a.join(b.where("false"), "id", "left"), "empty left": lambda a, b, F: a.where("false").join(b, "id"),
    "anti of empty": lambda a, b, F: a.join(b.where("false"), "id", "anti"), "null literal": lambda a, b, F: a.join(b, a.id == F.lit(None)), "two joins": lambda a, b, F: a.join(b, "id").join(b.withColumnRenamed("r", "r2"), "id"), "aggregate then join": lambda a, b, F: a.groupBy("id").count().join(b, "id", "left"),
    "broadcast": lambda a, b, F: a.join(F.broadcast(b), "id"), "keys of struct": lambda a, b, F: a.select(F.struct("id").alias("s"), "l").join(b.select(F.struct("id").alias("s"), "r"), "s"), "double keys": lambda a, b, F: a.select(F.col("id").cast("double"), "l").join(b.select(F.col("id").cast("double"), "r"), "id"),
    "same frame trivially true": lambda a, b, F: a.join(a, a.id == a.id), "unknown name": lambda a, b, F: a.join(b, "zz"), "ambiguous": lambda a, b, F: a.join(b, a.id == b.id).select("id"), "condition not boolean": lambda a, b, F: a.join(b, a.id + b.id), "unknown column": lambda a, b, F: a.join(b, F.col("zz") == b.id),
    "number": lambda a, b, F: a.join(b, 5), "kind not text": lambda a, b, F: a.join(b, "id", 5), "column of another frame": lambda a, b, F: a.select(b.r), "ambiguous in where": lambda a, b, F: a.join(b, a.id == b.id).where("id = 1"), "semi loses right": lambda a, b, F: a.join(b, "id", "semi").select("r"),
    "name on one side only": lambda a, b, F: a.join(b, "l"), "struct to int": lambda a, b, F: a.join(b, F.struct(a.id) == b.id), "cross with condition": lambda a, b, F: a.join(b, a.id == b.id, "cross"), "where after": lambda a, b, F: a.join(b, "id").where((F.col("r") == "B") & (F.col("l") != "b")),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(check, left, right, F, name):
    rows(check, lambda: FORMS[name](left, right, F))


def test_large(check, spark, F):
    a = spark.range(20000).select((F.col("id") % 1000).alias("k"), "id")
    b = spark.range(3000).select((F.col("id") % 1500).alias("k"), F.col("id").alias("j"))
    check(a.join(b, "k").agg(F.count("*"), F.sum("id"), F.sum("j")))
    check(a.join(b, "k", "left").agg(F.count("*"), F.sum("id"), F.sum("j")))
    check(b.join(a, "k", "anti").agg(F.count("*"), F.sum("j")))
    check(b.join(a, "k", "semi").agg(F.count("*"), F.sum("j")))
