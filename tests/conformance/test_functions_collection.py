"""Arrays, maps, structs, and the functions on rows as such: when, coalesce, lit, explode."""

import datetime
import decimal

import pytest


@pytest.fixture(scope="module")
def things(whole_session):
    rows = [
        (1, [1, 2, 3], ["a", None], {"x": 1, "y": None}, (1, "p"), 5), (2, [], [], {}, (None, None), None), (3, None, None, None, None, 7), (4, [None], ["z"], {"x": 9}, (4, "q"), 8),
    ]
    return whole_session.createDataFrame(rows, "id int, a array<int>, s array<string>, m map<string,int>, t struct<p:int,q:string>, n int").coalesce(1)


CASES = {
    "array": lambda F: F.array("id", "n"), "array widens": lambda F: F.array("id", F.lit(1.5)), "array list": lambda F: F.array(["id", "n"]), "array none": lambda F: F.array(), "array of strings and int": lambda F: F.array("id", F.lit("x")),
    "array nested": lambda F: F.array("a", "a"), "struct": lambda F: F.struct("id", F.col("n").alias("m"), F.lit(1)), "struct list": lambda F: F.struct(["id", "n"]),
    "size": lambda F: F.size("a"), "size map": lambda F: F.size("m"),
    "element_at 1": lambda F: F.element_at("s", 1), "element_at map": lambda F: F.element_at("m", "x"), "element_at -1 guarded": lambda F: F.when(F.size("a") > 0, F.element_at("a", -1)),
    "element_at out of range": lambda F: F.element_at("a", 3), "element_at zero": lambda F: F.element_at("a", 0), "element_at column": lambda F: F.element_at("m", F.lit("y")),
    "index": lambda F: F.col("a")[0], "index out of range": lambda F: F.col("a")[2], "index negative": lambda F: F.col("a")[-1], "getItem": lambda F: F.col("m").getItem("x"), "index by column": lambda F: F.col("m")[F.lit("y")],
    "struct field": lambda F: F.col("t.q"), "struct getField": lambda F: F.col("t").getField("p"), "slice of text": lambda F: F.col("t.q")[0:1],
    "explode": lambda F: F.explode("a"), "explode map": lambda F: F.explode("m"), "explode alias": lambda F: F.explode("a").alias("e"), "explode two names": lambda F: F.explode("m").alias("k", "v"), "explode strings": lambda F: F.explode("s"),
    "explode nested": lambda F: F.explode(F.array("a", "a")), "explode structs": lambda F: F.explode(F.array("t")),
    "coalesce": lambda F: F.coalesce("n", "id"), "coalesce widens": lambda F: F.coalesce("n", F.lit(0.5)), "coalesce one": lambda F: F.coalesce("n"), "isnull": lambda F: F.isnull("n"), "isnotnull": lambda F: F.isnotnull("a"),
    "when": lambda F: F.when(F.col("id") > 2, "big"), "when chain": lambda F: F.when(F.col("id") == 1, "one").when(F.col("id") == 2, "two").otherwise("many"), "when column": lambda F: F.when(F.col("n").isNull(), F.col("id")).otherwise(F.col("n")),
    "when null condition": lambda F: F.when(F.col("n") > 6, 1).otherwise(0), "when widens": lambda F: F.when(F.col("id") > 2, 1).otherwise(2.5), "when lazy": lambda F: F.when(F.col("id") > 0, 1).otherwise(F.col("id") / 0),
    "lit list": lambda F: F.lit([1, 2]), "lit nested list": lambda F: F.lit([[1], [2, 3]]), "lit date": lambda F: F.lit(datetime.date(2024, 1, 1)), "lit datetime": lambda F: F.lit(datetime.datetime(2024, 1, 1, 1, 2, 3)),
    "lit timedelta": lambda F: F.lit(datetime.timedelta(days=1, seconds=5)), "lit decimal": lambda F: F.lit(decimal.Decimal("1.50")), "lit bytes": lambda F: F.lit(b"ab"), "lit column": lambda F: F.lit(F.col("id")), "lit dict": lambda F: F.lit({"a": 1}),
    "lit empty list": lambda F: F.lit([]), "lit mixed list": lambda F: F.lit([1, "a"]), "lit nan": lambda F: F.lit(float("nan")), "lit tuple": lambda F: F.lit((1, 2)), "lit set": lambda F: F.lit({1}),
    "equal arrays": lambda F: F.col("a") == F.array(F.lit(1), F.lit(2), F.lit(3)), "less structs": lambda F: F.col("t") < F.struct(F.lit(2), F.lit("a")), "equal maps": lambda F: F.col("m") == F.col("m"),
    "and or": lambda F: (F.col("n") > 6) | (F.col("id") < 2), "and null": lambda F: (F.col("n") > 6) & (F.col("id") < 3), "not null": lambda F: ~(F.col("n") > 6), "eqNullSafe": lambda F: F.col("n").eqNullSafe(F.lit(None)),
    "map key missing": lambda F: F.col("m")["nope"], "array contains column": lambda F: F.array_contains("a", 1), "cast array": lambda F: F.col("a").cast("array<string>"), "cast struct": lambda F: F.col("t").cast("struct<x:string,y:string>"),
    "cast map": lambda F: F.col("m").cast("map<string,double>"), "cast array to string": lambda F: F.col("a").cast("string"), "cast struct to string": lambda F: F.col("t").cast("string"), "cast map to string": lambda F: F.col("m").cast("string"),
    "expr size": lambda F: F.expr("size(a)"), "col star": lambda F: F.col("*"), "struct star": lambda F: F.col("t.*"), "greatest null": lambda F: F.greatest("id", "n"), "concat arrays": lambda F: F.concat("a", "a"),
}


@pytest.mark.parametrize("name", CASES)
def test_function(check, things, F, name):
    check.outcome(lambda: things.select("id", CASES[name](F)))


WRONG = {
    "explode of int": lambda F: F.explode("id"), "explode twice": lambda F: [F.explode("a"), F.explode("s")], "explode in expression": lambda F: F.explode("a") + 1, "element_at wrong key": lambda F: F.element_at("m", 1),
    "element_at of int": lambda F: F.element_at("id", 1), "array of incompatible": lambda F: F.array("id", "a"), "coalesce incompatible": lambda F: F.coalesce("id", "a"), "when value incompatible": lambda F: F.when(F.col("id") > 1, F.col("a")).otherwise(1),
    "when not boolean": lambda F: F.when(F.col("id"), 1), "size of int": lambda F: F.size("id"), "index of int": lambda F: F.col("id")[0], "otherwise twice": lambda F: F.when(F.col("id") > 1, 1).otherwise(2).otherwise(3),
    "otherwise without when": lambda F: F.col("id").otherwise(1), "when after otherwise": lambda F: F.when(F.col("id") > 1, 1).otherwise(2).when(F.col("id") > 1, 1), "coalesce nothing": lambda F: F.coalesce(), "when condition text": lambda F: F.when("id > 1", 1),
    "compare map": lambda F: F.col("m") < F.col("m"), "compare array to int": lambda F: F.col("a") == 1, "alias two on one": lambda F: F.col("id").alias("a", "b"), "explode alias wrong count": lambda F: F.explode("m").alias("k", "v", "w"),
    "cast array to int": lambda F: F.col("a").cast("int"), "cast to unknown": lambda F: F.col("a").cast("nope"), "cast non type": lambda F: F.col("a").cast(5),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(check, things, F, name):
    def select():
        made = WRONG[name](F)
        return things.select(*made) if isinstance(made, list) else things.select(made)

    check.outcome(lambda: select().schema)


def test_explode_keeps_other_columns(check, things, F):
    check(things.select("id", F.explode("a").alias("e"), (F.col("id") * 10).alias("ten")))
    check(things.withColumn("e", F.explode("s")).select("id", "e"))
    check(things.select(F.explode("m")).where("key = 'x'"))


def test_names_of_columns(check, things, F):
    check(things.select(F.array("id", "n"), F.struct("id", "n"), F.size("a"), F.element_at("a", 1), F.col("a")[0], F.col("t").p, F.col("m")["x"], F.coalesce("n", "id"), F.isnull("n"), F.when(F.col("id") > 1, 2).otherwise(3), F.lit([1, 2]),
                        F.lit(datetime.date(2024, 1, 1)), F.col("t.q"), F.concat("s", "s"), F.expr("id + 1"), F.col("n").isNotNull(), F.lit(None), F.when(F.col("id") > 1, "x"), F.struct(F.lit(1).alias("z"))).columns)
