"""Sinks: console's text, memory, noop, files with their log, foreachBatch; triggers; names; arguments of start()."""

import json
import os

import pytest


def finish(query):
    assert query.awaitTermination(120)
    return query


CONSOLE = {"default": {}, "numRows": {"numRows": 1}, "truncate": {"truncate": False}, "truncate true": {"truncate": True}, "both": {"numRows": 3, "truncate": "false"}}


@pytest.mark.parametrize("name", CONSOLE)
def test_console(check, feed, console, name):
    feed.add("abcdefghijklmnopqrstuvwxyz=1 b=2")
    feed.add("c=3")
    finish(feed.frame().select("k", "v").writeStream.format("console").options(**CONSOLE[name]).trigger(availableNow=True).start())
    check(console())


@pytest.mark.parametrize("options", [{"numRows": "x"}, {"truncate": 3}, {"numRows": -1}])
def test_console_options_refused(check, feed, console, options):
    feed.add("a=1")
    check.outcome(lambda: finish(feed.frame().select("k").writeStream.format("console").options(**options).trigger(availableNow=True).start()).exception())


def test_console_of_aggregates(check, feed, console):
    feed.add("a a")
    feed.add("b")
    finish(feed.frame().groupBy("k").count().orderBy("k").writeStream.format("console").outputMode("complete").trigger(availableNow=True).start())
    check(console())


def test_console_of_an_empty_batch_and_of_types(check, feed, console, F):
    feed.add("a@00:01=1")
    feed.add("b@00:30=2")
    d = feed.frame().withWatermark("ts", "1 second").groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum("v").alias("s"))
    finish(d.writeStream.format("console").option("truncate", False).trigger(availableNow=True).start())
    check(console())


def test_memory(check, spark, feed):
    feed.add("a=1 b=2")
    q = feed.frame().select("k", "v").writeStream.format("memory").queryName("mem1").start()
    q.processAllAvailable()
    check.unordered(spark.table("mem1"))
    feed.add("c=3")
    q.processAllAvailable()
    check.unordered(spark.table("mem1"))
    check(spark.table("mem1").isStreaming)
    q.stop()
    check.unordered(spark.table("mem1"))


def test_memory_modes(check, spark, feed):
    feed.add("a b")
    q = feed.frame().groupBy("k").count().writeStream.format("memory").queryName("mem2").outputMode("complete").start()
    q.processAllAvailable()
    feed.add("a")
    q.processAllAvailable()
    check.unordered(spark.table("mem2"))
    q.stop()
    q = feed.frame().groupBy("k").count().writeStream.format("memory").queryName("mem3").outputMode("update").start()
    q.processAllAvailable()
    check(spark.table("mem3").count() >= 2)
    q.stop()


def test_memory_rules(check, feed, tmp_path):
    feed.add("a")
    d = feed.frame().select("k")
    check.error(lambda: d.writeStream.format("memory").start())
    q = d.writeStream.format("memory").queryName("twice").start()
    check.error(lambda: d.writeStream.format("memory").queryName("twice").start())
    q.stop()
    again = lambda: d.writeStream.format("memory").queryName("ck").option("checkpointLocation", str(tmp_path / "c")).start()
    first = again()
    first.processAllAvailable()
    first.stop()
    check.error(again)


def test_noop(check, feed):
    feed.add("a")
    q = finish(feed.frame().writeStream.format("noop").trigger(availableNow=True).start())
    check([q.exception(), q.isActive, q.lastProgress["numInputRows"], q.lastProgress["sink"]["description"]])


@pytest.mark.parametrize("fmt", ["parquet", "json", "text"])
def test_files(check, spark, feed, tmp_path, fmt):
    out, ck = str(tmp_path / "o"), str(tmp_path / "c")
    for t in ["a=1 b=2", "c=3"]:
        feed.add(t)
    d = feed.frame().select("k") if fmt == "text" else feed.frame().select("k", "v")
    q = finish(d.writeStream.format(fmt).option("path", out).option("checkpointLocation", ck).trigger(availableNow=True).start())
    check(q.lastProgress["sink"]["description"])
    check.unordered(spark.read.format(fmt).load(out))
    check(sorted(f for f in os.listdir(out) if not f.startswith((".", "part"))))
    log = open(os.path.join(out, "_spark_metadata", "0")).read().splitlines()
    check([log[0], [sorted(json.loads(line)) for line in log[1:]], {json.loads(line)["action"] for line in log[1:]}])
    open(os.path.join(out, f"stray.{fmt}"), "w").write('{"k":"stray"}\n')
    if fmt != "parquet":
        check(spark.read.format(fmt).load(out).count())
    feed.add("d=4")
    finish(d.writeStream.format(fmt).option("checkpointLocation", ck).trigger(availableNow=True).start(out))
    check(sorted(n for n in os.listdir(os.path.join(out, "_spark_metadata")) if not n.startswith(".")))


def test_logs_compact_every_ten(check, spark, feed, tmp_path):
    out, ck = str(tmp_path / "o"), str(tmp_path / "c")
    for i in range(12):
        feed.add(f"k{i}={i}")
    finish(feed.frame().select("v").coalesce(1).writeStream.format("json").option("checkpointLocation", ck).trigger(availableNow=True).start(out))
    visible = lambda *parts: sorted(n for n in os.listdir(os.path.join(*parts)) if not n.startswith("."))
    check([visible(out, "_spark_metadata"), visible(ck), visible(ck, "offsets"), visible(ck, "commits"), visible(ck, "sources", "0")])
    lines = open(os.path.join(out, "_spark_metadata", "9.compact")).read().splitlines()
    check([lines[0], len(lines)])
    lines = open(os.path.join(ck, "sources", "0", "9.compact")).read().splitlines()
    check([lines[0], len(lines), sorted(json.loads(lines[1]))])
    check(open(os.path.join(ck, "commits", "0")).read())
    first = open(os.path.join(ck, "offsets", "0")).read().splitlines()
    check([first[0], sorted(json.loads(first[1])), first[2:]])
    check(list(json.loads(open(os.path.join(ck, "metadata")).read())))
    check(spark.read.json(out).count())


def test_file_sink_rules(check, spark, feed, tmp_path):
    feed.add("a=1")
    d = feed.frame().select("k")
    check.error(lambda: d.writeStream.format("parquet").option("checkpointLocation", str(tmp_path / "c")).start())
    check.error(lambda: d.writeStream.format("parquet").start(str(tmp_path / "o")))
    check.error(lambda: d.writeStream.format("nope").start())
    check.error(lambda: feed.frame().selectExpr("k", "k").writeStream.format("json").option("checkpointLocation", str(tmp_path / "c2")).start(str(tmp_path / "o2")).processAllAvailable())


def test_foreach_batch(check, spark, feed, F):
    seen = []

    def take(batch, batch_id):
        batch.createOrReplaceTempView("this_batch")
        seen.append([batch_id, batch.count(), batch.isStreaming, batch.columns, sorted(r.k for r in batch.where("v > 1").collect()), batch.sparkSession.table("this_batch").count()])

    for t in ["a=1 b=2", "c=3"]:
        feed.add(t)
    finish(feed.frame().writeStream.foreachBatch(take).trigger(availableNow=True).start())
    check(seen)
    check.error(lambda: spark.table("this_batch"))


def test_foreach_batch_writes(check, spark, feed, tmp_path, F):
    for t in ["a=1 b=2", "c=3"]:
        feed.add(t)
    finish(feed.frame().writeStream.foreachBatch(lambda b, i: b.withColumn("batch", F.lit(i)).write.mode("append").parquet(str(tmp_path / "o"))).trigger(availableNow=True).start())
    check.unordered(spark.read.parquet(str(tmp_path / "o")).select("k", "batch"))


def test_foreach_batch_fails(check, feed, api):
    feed.add("a=1")

    def bad(batch, batch_id):
        raise RuntimeError("the user's own text")

    q = feed.frame().writeStream.foreachBatch(bad).start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.awaitTermination()
    e = caught.value
    check([type(e).__name__, e.getCondition(), e.getSqlState(), sorted(e.getMessageParameters()), "FOREACH_BATCH_USER_FUNCTION_ERROR" in str(e), "RuntimeError: the user's own text" in str(e), "in bad" in str(e)])
    check([q.isActive, q.exception() is not None, type(q.exception()).__name__, q.status["message"].startswith("Terminated with exception")])
    check.error(lambda: q.processAllAvailable())
    check([q.status["isDataAvailable"], q.status["isTriggerActive"]])


def test_foreach_batch_arguments(check, feed):
    w = feed.frame().writeStream
    check.outcome(lambda: type(w.foreachBatch(5)).__name__)
    check.outcome(lambda: available_with(feed, lambda b: None))


def available_with(feed, function):
    feed.add("a")
    q = feed.frame().writeStream.foreachBatch(function).trigger(availableNow=True).start()
    q.awaitTermination(60)


TRIGGERS = {
    "none": {}, "two": {"once": True, "availableNow": True}, "once False": {"once": False}, "availableNow False": {"availableNow": False}, "bad interval": {"processingTime": "abc"}, "blank": {"processingTime": " "}, "number": {"processingTime": 5}, "negative": {"processingTime": "-1 seconds"}, "month": {"processingTime": "1 month"}, "zero": {"processingTime": "0 seconds"},
    "seconds": {"processingTime": "5 seconds"}, "interval word": {"processingTime": "interval 1 second"}, "once": {"once": True}, "availableNow": {"availableNow": True}, "once text": {"once": "yes"}, "continuous bad": {"continuous": "abc"}, "several Nones": {"processingTime": None, "once": True},
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_trigger_arguments(check, feed, name):
    check.outcome(lambda: type(feed.frame().writeStream.trigger(**TRIGGERS[name])).__name__)


def test_once_takes_all_in_one_batch(check, feed):
    for t in ["a=1", "b=2", "c=3"]:
        feed.add(t)
    got = []
    finish(feed.frame().select("v").writeStream.foreachBatch(lambda f, i: got.append([i, sorted(r.v for r in f.collect())])).trigger(once=True).start())
    check(got)


def test_processing_time(check, feed):
    feed.add("a=1")
    got = []
    q = feed.frame().select("v").writeStream.foreachBatch(lambda f, i: got.append([i, [r.v for r in f.collect()]])).trigger(processingTime="100 milliseconds").start()
    q.processAllAvailable()
    feed.add("b=2")
    q.processAllAvailable()
    q.stop()
    check(got)


def test_start_arguments(check, spark, feed, tmp_path):
    feed.add("a=1")
    d = feed.frame().select("k", "v")
    q = d.writeStream.format("noop").queryName("one").start(format="memory", queryName="two", outputMode="append")
    check([q.name, q.isActive])
    q.stop()
    q = d.writeStream.trigger(availableNow=True).option("checkpointLocation", str(tmp_path / "x")).start(str(tmp_path / "o"), "json", checkpointLocation=str(tmp_path / "c"))
    finish(q)
    check([os.path.exists(tmp_path / "c"), os.path.exists(tmp_path / "x"), spark.read.json(str(tmp_path / "o")).count()])
    for wrong in [lambda: d.writeStream.queryName(5), lambda: d.writeStream.queryName(""), lambda: d.writeStream.outputMode(5), lambda: d.writeStream.start(5), lambda: d.writeStream.format(5).start(), lambda: d.writeStream.option("a", None), lambda: d.writeStream.foreach(5)]:
        check.outcome(lambda: type(wrong()).__name__)
    for active in spark.streams.active:
        active.stop()


def test_partition_columns_of_a_sinks_folder_stay_in_a_given_schema(check, spark, feed, tmp_path):
    feed.add("a@00:01=1 b@00:02=2")
    q = feed.frame().writeStream.partitionBy("k").format("parquet").option("checkpointLocation", str(tmp_path / "cp")).trigger(availableNow=True).start(str(tmp_path / "out"))
    q.awaitTermination(60)
    given = spark.read.schema("k string, v int, ts timestamp").parquet(str(tmp_path / "out"))
    check([given.columns, spark.read.parquet(str(tmp_path / "out")).columns])
    check(given.orderBy("v"))
    check(spark.read.schema("ts timestamp, k string").parquet(str(tmp_path / "out")).columns)


def test_foreach_batch_takes_frames_of_the_program(check, spark, feed, F):
    dim = spark.createDataFrame([("a", "one"), ("c", "three")], "k string, name string")
    other = spark.newSession().createDataFrame([("b", 9)], "k string, w int")
    got = []

    def look(f, i):
        f = f.select("k", "v")
        for d in (f.join(dim, "k", "left"), dim.join(f, dim.k == f.k, "left").select(dim.k, f["v"]), f.join(F.broadcast(other), "k"),
                  f.select("k").union(dim.select("k")), dim.unionByName(f, True), dim.select("k").exceptAll(f.select("k")), f.crossJoin(dim),
                  dim.groupBy("k").cogroup(f.groupBy("k")).applyInPandas(lambda a, b: b, "k string, v int")):
            got.append(sorted(map(str, d.collect())))
        got.append([f.sameSemantics(dim), f.sparkSession is spark, f.join(dim, "k").sparkSession is f.sparkSession])

    feed.add("a=1 b=2")
    feed.add("c=3")
    finish(feed.frame().writeStream.foreachBatch(look).trigger(availableNow=True).start())
    for answer in got:
        check(answer)
    a, b = spark.range(3), spark.newSession().range(2)
    check.unordered(a.join(b, "id"))
    check(a.union(b).sparkSession is spark)
