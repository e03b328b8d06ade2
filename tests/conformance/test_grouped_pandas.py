"""groupBy().applyInPandas, applyInArrow, cogroup and aggregates in Python, on frames and in foreachBatch."""

from typing import Any, Iterator, Tuple

import pandas as pd
import pyarrow as pa
import pytest

from streams import steps, with_rows

ROWS = [(1, 1.0, "a"), (1, 2.0, "b"), (2, 3.0, "c"), (2, 5.0, None), (None, 7.0, "e")]
SCHEMA = "id long, v double, s string"


@pytest.fixture
def frame(spark):
    return spark.createDataFrame(ROWS, SCHEMA)


@pytest.fixture
def other(spark):
    return spark.createDataFrame([(1, "x"), (3, "y")], "id int, z string")


def same(pdf):
    return pdf


def seen(key, pdf):
    return pd.DataFrame({"k": [repr(key)], "t": [repr(pdf.dtypes.to_dict())], "i": [repr(pdf.index) + repr(list(pdf.columns))]})


def failing(check, function):
    """The condition of the engine's error and those that the worker's text names."""
    import re

    try:
        function()
        check("no error")
    except Exception as e:
        kinds = re.findall(r"^([\w.]*(?:Error|Exception|Invalid))\b", str(e), re.M)
        check([type(e).__name__, e.getCondition(), re.findall(r"\[([A-Z_]{6,})\]", str(e)), [k.rsplit(".", 1)[-1] for k in kinds][-1:]])


def test_apply_in_pandas(check, frame, F):
    check.unordered(frame.groupBy("id").applyInPandas(same, SCHEMA))
    check.unordered(frame.groupBy("id").applyInPandas(seen, "k string, t string, i string"))
    check.unordered(frame.groupBy(F.col("id") % 2, "s").applyInPandas(seen, "k string, t string, i string"))
    check.unordered(frame.groupBy("s", "s").applyInPandas(seen, "k string, t string, i string"))
    check.unordered(frame.groupBy().applyInPandas(lambda pdf: pd.DataFrame({"n": [len(pdf)]}), "n long"))
    check.unordered(frame.groupBy().applyInPandas(lambda key, pdf: pd.DataFrame({"n": [repr(key)]}), "n string"))
    check.unordered(frame.where("id > 5").groupBy("id").applyInPandas(same, SCHEMA))
    check.unordered(frame.groupBy("id").applyInPandas(lambda pdf: pdf.assign(v=pdf.v - pdf.v.mean()), SCHEMA).groupBy("id").agg(F.sum("v")))
    check.unordered(frame.groupBy("id").applyInPandas(same, SCHEMA).where("v > 2").select("s"))


def test_results(check, frame):
    by = frame.groupBy("id")
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame([[1]]), "n long"))
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame({"b": ["x"], "a": [1]}), "a long, b string"))
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame(), "n long"))
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame({"n": []}), "n long"))
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame({"n": [1.0 if len(pdf) > 1 else None]}), "n long"))
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame({"n": [len(pdf)] * 3}, index=[5, 5, 5]), "n int"))
    check.unordered(by.applyInPandas(lambda pdf: pd.DataFrame({"l": [sorted(pdf.v)], "s": [{"x": 1, "y": "z"}]}), "l array<double>, s struct<x:int,y:string>"))


def test_times_and_nested_columns(check, spark):
    d = spark.sql("select * from values (1, timestamp'2024-01-01 10:00:00', date'2024-01-02', array(1, 2), named_struct('x', 1), map('k', 1.5), 2.50) as t(id, t, d, a, s, m, c)")
    check.unordered(d.groupBy("id").applyInPandas(seen, "k string, t string, i string"))
    check.unordered(d.groupBy("id").applyInPandas(same, d.schema))
    check.unordered(d.groupBy("t", "d").applyInPandas(seen, "k string, t string, i string"))


@pytest.mark.parametrize("f", [lambda p: pd.DataFrame({"x": [1]}), lambda p: pd.DataFrame([[1, 2]]), lambda p: pd.DataFrame({"n": [1], "x": [2]}),
                               lambda p: 1, lambda p: None, lambda p: pd.DataFrame({"n": ["x"]}), lambda p: 1 / 0, lambda p: pd.DataFrame({"n": [2**70]})],
                         ids=["names", "count", "more", "number", "none", "type", "raises", "range"])
def test_failures(check, frame, f):
    failing(check, lambda: frame.groupBy("id").applyInPandas(f, "n long").collect())


def test_iterators(check, frame, conf):
    def whole(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for f in frames:
            yield f[["id"]]

    def keyed(key: Tuple[Any, ...], frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        yield pd.DataFrame({"k": [repr(key)], "n": [sum(map(len, frames))]})

    check.unordered(frame.groupBy("id").applyInPandas(whole, "id long"))
    check.unordered(frame.groupBy("id").applyInPandas(keyed, "k string, n long"))


def test_large_groups(check, spark, conf, F):
    conf("spark.sql.execution.arrow.maxRecordsPerBatch", "100")
    d = spark.range(5000).withColumn("k", F.col("id") % 3)
    check.unordered(d.groupBy("k").applyInPandas(lambda p: pd.DataFrame({"n": [len(p)], "s": [p.id.sum()], "u": [p.id.nunique()]}), "n long, s long, u long"))
    check.unordered(d.groupBy("id").applyInPandas(lambda p: p[["k"]], "k long").groupBy("k").count())


def test_arrow(check, frame):
    check.unordered(frame.groupBy("id").applyInArrow(lambda t: t, SCHEMA))
    check.unordered(frame.groupBy("id").applyInArrow(lambda k, t: pa.table({"k": [repr(k)], "t": [repr(t.schema)]}), "k string, t string"))
    failing(check, lambda: frame.groupBy("id").applyInArrow(lambda t: pa.table({"id": ["a"]}), "id long").collect())
    failing(check, lambda: frame.groupBy("id").applyInArrow(lambda t: pa.table({"x": [1]}), "id long").collect())
    failing(check, lambda: frame.groupBy("id").applyInArrow(lambda t: 1, "id long").collect())


def test_refusals(check, frame, other):
    check.error(lambda: frame.groupBy("id").applyInPandas(same, "long"))
    check.error(lambda: frame.groupBy("nope").applyInPandas(same, SCHEMA))
    check.error(lambda: frame.groupBy("id").apply(same))
    check.error(lambda: frame.groupBy("id", "s").cogroup(other.groupBy("id")).applyInPandas(lambda a, b: a, SCHEMA).collect())


def test_cogroup(check, frame, other):
    both = frame.groupBy("id").cogroup(other.groupBy("id"))
    check.unordered(both.applyInPandas(lambda a, b: pd.DataFrame({"n": [len(a)], "m": [len(b)], "c": [repr(list(a.columns) + list(b.columns))], "t": [repr(b.dtypes.to_dict())]}), "n long, m long, c string, t string"))
    check.unordered(both.applyInPandas(lambda k, a, b: pd.DataFrame({"k": [repr(k)], "n": [len(a)], "m": [len(b)]}), "k string, n long, m long"))
    check.unordered(both.applyInArrow(lambda k, a, b: pa.table({"k": [repr(k)], "n": [a.num_rows], "m": [b.num_rows]}), "k string, n long, m long"))
    check.unordered(frame.groupBy("id").cogroup(frame.groupBy("id")).applyInPandas(lambda a, b: pd.merge(a, b, on="id"), "id long, v_x double, s_x string, v_y double, s_y string"))


@pytest.fixture
def functions(F):
    @F.pandas_udf("double")
    def mean(v: pd.Series) -> float:
        return v.mean()

    @F.pandas_udf("double")
    def dot(v: pd.Series, w: pd.Series) -> float:
        return float((v * w).sum())

    @F.pandas_udf("string")
    def text(v: pd.Series) -> str:
        return repr(sorted(map(str, v)))

    return mean, dot, text


def test_aggregates(check, frame, functions, F):
    mean, dot, text = functions
    by = frame.groupBy("id")
    d = by.agg(mean("v"), dot("v", F.col("id") + 1).alias("w"))
    check(d.schema)
    check.unordered(d)
    check.unordered(frame.agg(mean("v")))
    check.unordered(frame.select(mean("v")))
    check.unordered(frame.where("id > 100").groupBy("id").agg(mean("v")))
    check.unordered(frame.groupBy((F.col("id") + 1).alias("x")).agg((mean(F.col("v") + 1) * 2).alias("y")))
    check.unordered(by.agg(text("s")))
    check.unordered(by.agg(dot(w="id", v="v")))
    check.unordered(by.agg(mean("v").alias("m")).where("m > 2"))
    check.error(lambda: by.agg(mean("v"), F.sum("v")).collect())


def test_in_foreach_batch(check, feed, spark):
    got = []

    def take(frame, epoch):
        d = frame.groupBy("k").applyInPandas(lambda key, pdf: pd.DataFrame({"k": [key[0]], "n": [len(pdf)], "s": [pdf.v.sum()]}), "k string, n long, s double")
        got.append([epoch, sorted(map(list, d.collect()), key=repr)])

    query = feed.frame().writeStream.foreachBatch(take).start()
    for text in ("a=1 b=2 a=3", "b=5"):
        feed.add(text)
        query.processAllAvailable()
    query.stop()
    check(got)


@pytest.mark.parametrize("mode", ["append", "update"])
def test_on_a_stream_each_batch_by_itself(check, feed, mode):
    d = feed.frame().groupBy("k").applyInPandas(lambda key, pdf: pd.DataFrame({"k": [key[0]], "n": [len(pdf)]}), "k string, n long")
    check(with_rows(steps(d, [(feed, "a b a"), (feed, "a")], mode).batches))
