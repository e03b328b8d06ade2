"""The order of rows where one batch reads several files: larger files first, those of one size as they came."""

import pytest

from streams import Feed

SHAPES = {"equal": [3] * 6, "growing": [1, 2, 3, 4, 5, 6], "mixed": [2000, 1, 50, 2000, 3, 1, 700], "many": [2] * 30}


def filled(feed, shape):
    for number, size in enumerate(SHAPES[shape]):
        feed.add(" ".join(f"f{number:02d}={i}" for i in range(size)))
    return feed.frame("k string, v int", maxFilesPerTrigger=100)


def runs(rows):
    """k and how often, for each run of rows with one k; v must count up from 0 in it."""
    out = []
    for k, v in rows:
        if v == 0:
            out.append([k, 0])
        assert out[-1] == [k, v]
        out[-1][1] += 1
    return out


def in_batches(frame):
    out = []
    query = frame.writeStream.foreachBatch(lambda f, i: out.append(runs((r.k, r.v) for r in f.select("k", "v").collect()))).trigger(availableNow=True).start()
    assert query.awaitTermination(120)
    return out


def one_row_a_call(frames):
    import pandas as pd

    yield from frames
    yield pd.DataFrame({"k": ["call"], "v": [0]})


FRAMES = {
    "read": lambda d, F: d,
    "filtered": lambda d, F: d.where("v >= 0"),
    "function": lambda d, F: d.select("k", F.udf(lambda v: v, "int")("v").alias("v")),
    "partition": lambda d, F: d.mapInPandas(one_row_a_call, d.schema),
    "limit": lambda d, F: d.limit(5),
    "limit of many": lambda d, F: d.limit(30),
    "joined": lambda d, F: d.join(d.sparkSession.range(3000).selectExpr("cast(id as int) v", "id % 2 p"), "v", "left"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FRAMES)
def test_foreach_batch(check, feed, F, name, shape):
    check(in_batches(FRAMES[name](filled(feed, shape), F)))


@pytest.mark.parametrize("shape", SHAPES)
def test_union(check, spark, feed, tmp_path, shape):
    other = Feed(spark, tmp_path / "other")
    for text in ("x=0", "y=0 y=1", "z=0 z=1 z=2"):
        other.add(text)
    check(in_batches(filled(feed, shape).union(other.frame("k string, v int", maxFilesPerTrigger=100))))


@pytest.mark.parametrize("shape", SHAPES)
def test_memory(check, spark, feed, shape):
    query = filled(feed, shape).writeStream.format("memory").queryName("ordered").trigger(availableNow=True).start()
    assert query.awaitTermination(120)
    check(runs((r.k, r.v) for r in spark.table("ordered").collect()))
    spark.catalog.dropTempView("ordered")


def test_console(check, feed, console):
    query = filled(feed, "growing").writeStream.format("console").option("numRows", 12).trigger(availableNow=True).start()
    assert query.awaitTermination(120)
    check(console())


@pytest.mark.parametrize("shape", SHAPES)
def test_partitions_of_a_writer(check, feed, tmp_path, shape):
    """A writer is opened once a partition, which holds several small files."""
    folder = tmp_path / "opened"
    folder.mkdir()

    class Writer:
        def open(self, partition, epoch):
            (folder / str(partition)).write_text("")
            return True

        def process(self, row):
            pass

        def close(self, error):
            pass

    query = filled(feed, shape).writeStream.foreach(Writer()).trigger(availableNow=True).start()
    assert query.awaitTermination(120)
    check(sorted(p.name for p in folder.iterdir()))
