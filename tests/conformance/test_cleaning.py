"""Missing values (fillna, dropna, replace), set operations, describe and summary, samples, SQL parameters, registered functions."""

import pytest

NAN = float("nan")
ROWS = [(1, "a", 1.5, True), (None, "b", NAN, None), (3, None, None, False), (None, None, NAN, None)]


@pytest.fixture(scope="module")
def holes(whole_session):
    return whole_session.createDataFrame(ROWS, "i int, s string, d double, b boolean").coalesce(1)


FILLS = {
    "number": lambda d: d.fillna(0), "float": lambda d: d.fillna(2.5), "text": lambda d: d.fillna("x"), "bool": lambda d: d.fillna(True),
    "subset": lambda d: d.fillna(7, subset=["d"]), "subset text": lambda d: d.fillna(7, "i"), "dict": lambda d: d.fillna({"i": 5, "s": "z"}),
    "na": lambda d: d.na.fill(1, ["i"]), "unknown": lambda d: d.fillna(1, ["q"]), "no value": lambda d: d.fillna(None), "case": lambda d: d.fillna(1, ["I"]),
    "bad subset": lambda d: d.fillna(1, subset=5), "other kind": lambda d: d.fillna("x", ["i"]),
}


@pytest.mark.parametrize("case", FILLS)
def test_fill(check, holes, case):
    check.outcome(lambda: FILLS[case](holes))


DROPS = {
    "any": lambda d: d.dropna(), "all": lambda d: d.dropna("all"), "thresh": lambda d: d.dropna(thresh=2), "thresh 3": lambda d: d.na.drop(thresh=3),
    "subset": lambda d: d.dropna(subset=["s"]), "text": lambda d: d.dropna(subset="i"), "all of": lambda d: d.dropna("all", subset=["i", "d"]),
    "how": lambda d: d.dropna("some"), "unknown": lambda d: d.dropna(subset=["q"]), "none": lambda d: d.dropna(thresh=0), "many": lambda d: d.dropna(thresh=9),
    "bad": lambda d: d.dropna(subset=1),
}


@pytest.mark.parametrize("case", DROPS)
def test_drop(check, holes, case):
    check.outcome(lambda: DROPS[case](holes))


REPLACES = {
    "number": lambda d: d.replace(1, 10), "text": lambda d: d.replace("a", "A"), "null": lambda d: d.replace("a", None), "dict": lambda d: d.replace({"a": "A", "b": "B"}),
    "lists": lambda d: d.replace([1, 3], [10, 30]), "list by one": lambda d: d.replace(["a", "b"], "c"), "subset": lambda d: d.na.replace(1, 9, ["d"]),
    "nan": lambda d: d.replace(NAN, 0.5), "bool": lambda d: d.replace(True, False), "fraction": lambda d: d.replace(1.5, 2), "mixed": lambda d: d.replace({"a": 1}),
    "missing": lambda d: d.replace("a"), "lengths": lambda d: d.replace([1, 2], [3]), "type": lambda d: d.replace(object(), 1), "value": lambda d: d.replace(1, object()),
    "unknown": lambda d: d.replace(1, 2, ["q"]), "subset text": lambda d: d.replace("a", "q", "s"), "bad subset": lambda d: d.replace(1, 2, 3),
}


@pytest.mark.parametrize("case", REPLACES)
def test_replace(check, holes, case):
    check.outcome(lambda: REPLACES[case](holes))


@pytest.mark.parametrize("name", ["intersect", "intersectAll", "subtract", "exceptAll"])
def test_set_operations(check, whole_session, name):
    a = whole_session.createDataFrame([(1, "a"), (1, "a"), (1, "a"), (2, None), (2, None), (3, "c"), (None, "n")], "i int, s string")
    b = whole_session.createDataFrame([(1, "a"), (1, "a"), (2, None), (None, "n"), (9, "z")], "i int, s string")
    check.unordered(getattr(a, name)(b))
    check.unordered(getattr(b, name)(a))
    check.unordered(getattr(a, name)(a))
    check.unordered(getattr(a, name)(b.limit(0)))
    check.unordered(getattr(a.select("i"), name)(b.selectExpr("cast(i as bigint) as j")))
    check.error(lambda: getattr(a, name)(b.select("i")))
    check.error(lambda: getattr(a.selectExpr("map(1, i) as m"), name)(b.selectExpr("map(1, i) as m")))


@pytest.mark.parametrize("columns", [[], ["s"], ["i", "d"], ["b"]])
def test_describe(check, holes, columns):
    check(holes.describe(*columns))


def test_summary(check, holes):
    check(holes.drop("d").summary())  # a percentile of NaN is as PySpark's sketch happens to fall
    check(holes.drop("d").summary("count", "10%", "max"))
    check(holes.select("b").summary())
    check.error(lambda: holes.describe("q"))


def test_statistics(check, whole_session):
    d = whole_session.range(10).selectExpr("id", "id * 2.0 as x", "10 - id as y").coalesce(1)
    check([round(d.corr("id", "y"), 9), round(d.stat.cov("id", "y"), 9)])
    check.error(lambda: d.corr("id", 5))
    check.error(lambda: d.corr("id", "y", "spearman"))


def test_samples(check, whole_session):
    d = whole_session.range(0, 100, 1, 1)
    check(d.sample(0.3, 7).orderBy("id"))
    check(d.sample(False, 0.1, 3).orderBy("id"))
    check([p.count() for p in d.randomSplit([1.0, 2.0], 24)])
    check(d.selectExpr("id % 3 as k", "id").sampleBy("k", {0: 0.2, 1: 0.5}, 0).orderBy("id"))
    check.error(lambda: d.sample(1.5))
    check.error(lambda: d.randomSplit([-1.0, 2.0]))


QUERIES = {
    "positions": ("select ? + ? as x, ?", [1, 2, "q"]), "names": ("select :a as x, :b || 'y', :a", {"a": 1.5, "b": "z"}), "unbound": ("select ?, ?", [1]),
    "unbound name": ("select :a, :c", {"a": 1}), "where": ("select id from range(5) where id > ? limit ?", [1, 2]), "null": ("select :n as n", {"n": None}),
    "list": ("select element_at(:l, 2) as e", {"l": [1, 2]}), "bad": ("select 1", 5), "unused": ("select 1 as o", [1, 2]),
}


@pytest.mark.parametrize("case", QUERIES)
def test_sql_parameters(check, whole_session, case):
    text, args = QUERIES[case]
    check.outcome(lambda: whole_session.sql(text, args))


def test_registered_functions(check, whole_session, api):
    F = api.F
    made = whole_session.udf.register("plus_one", lambda x: x + 1, "int")
    check(whole_session.sql("select plus_one(4) as y, PLUS_ONE(id) as z from range(3) order by z"))
    check(whole_session.range(2).selectExpr("plus_one(id)", "plus_one(id) * 2 as w"))
    check(whole_session.range(2).select(F.call_udf("plus_one", "id"), made("id")))
    check(whole_session.range(3).where("plus_one(id) > 2"))
    whole_session.udf.register("named", F.udf(lambda a, b: f"{a}-{b}", "string"))
    check(whole_session.sql("select named(1, b => 'x') as n"))
    check.error(lambda: whole_session.udf.register("x", F.udf(lambda a: a, "int"), "int"))
    check.error(lambda: whole_session.sql("select nothing_like_it(1)"))


def test_sql_braces(check, whole_session):
    d = whole_session.range(5)
    check(whole_session.sql("select {df.id}, {df[id]} as b, {s} as q from {df} where id in {x}", df=d, s="it's", x=(1, 2)))
    check(whole_session.sql("select {n} + 1 as n, a.id from {df} a join {df} b on a.id = b.id and a.id > ?", args=[3], n=1.5, df=d))
    check.error(lambda: whole_session.sql("select {c} from {df}", c=d.id + 1, df=d))


def test_cached_tables(check, whole_session):
    whole_session.range(5).createOrReplaceTempView("kept_view")
    c = whole_session.catalog
    check([c.isCached("kept_view"), c.cacheTable("kept_view"), c.isCached("kept_view"), whole_session.sql("select * from kept_view where id > 3").count()])
    check([c.uncacheTable("KEPT_VIEW"), c.isCached("kept_view"), c.dropTempView("kept_view")])
    check.error(lambda: c.isCached("no_such_view"))
    check.error(lambda: c.cacheTable("no_such_view"))


def test_last_key_wins(check, whole_session):
    whole_session.conf.set("spark.sql.mapKeyDedupPolicy", "LAST_WIN")
    try:
        check(whole_session.sql("select map(1, 'a', 2, 'b', 1, 'c') as m, map_concat(map(1, 'x'), map(2, 'w', 1, 'y')) as n"))
        check(whole_session.sql("select map_from_arrays(array('k', 'k', 'l'), array(1, 2, 3))['k'] as f, map_from_entries(array(struct(1, 2), struct(1, 3))) as e"))
        check(whole_session.range(40).selectExpr("map(id % 2, id, 1L, -id) as m"))
        check(whole_session.sql("select transform_keys(map(1, 'a', 2, 'b'), (k, v) -> 0) as t"))
    finally:
        whole_session.conf.set("spark.sql.mapKeyDedupPolicy", "EXCEPTION")
    check.error(lambda: whole_session.sql("select map(1, 'a', 1, 'c') as m").collect())


def test_explain_of_cached(whole_session, capsys):
    whole_session.range(3).cache().explain()
    assert "InMemoryTableScan" in capsys.readouterr().out


def test_same_semantics(check, whole_session):
    a, b = whole_session.range(10), whole_session.range(10)
    check([a.selectExpr("id * 2 as x").sameSemantics(b.selectExpr("id * 2 as y")), a.where("id > 1").sameSemantics(b.where("id > 1")),
           a.where("id > 1").sameSemantics(b.where("id > 2")), a.sameSemantics(whole_session.range(11))])
    check(whole_session.createDataFrame([(1,)], "i int").sameSemantics(whole_session.createDataFrame([(2,)], "i int")))
