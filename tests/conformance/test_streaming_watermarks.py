"""Watermarks: the cases of section 1, several in a query, delays, what keeps the mark, restarts, batches without data."""

import pytest

from streams import WAYS, Feed, available, outcome, run, steps, with_rows


def windows(d, F, size="10 seconds"):
    return d.groupBy(F.window("ts", size)).count().select("window.start", "count")


@pytest.mark.parametrize("way", WAYS)
def test_w2_zero_delay_drops_ties(check, feed, way):
    d = feed.frame().withWatermark("ts", "0 seconds").dropDuplicates(["k", "ts"]).select("k", "ts")
    check(outcome(run(way, d, [(feed, "a@00:05"), (feed, "b@00:05 c@00:06")])))


@pytest.mark.parametrize("policy", ["min", "max", "MIN", "Max"])
@pytest.mark.parametrize("way", WAYS)
def test_w4_two_watermarks(check, spark, tmp_path, F, conf, way, policy):
    conf("spark.sql.streaming.multipleWatermarkPolicy", policy)
    a, b = Feed(spark, tmp_path / "a"), Feed(spark, tmp_path / "b")
    d = windows(a.frame().withWatermark("ts", "10 seconds").union(b.frame().withWatermark("ts", "20 seconds")), F)
    a.add("x@00:05")
    b.add("x@00:06")
    check(outcome(run(way, d, [(a, "x@01:00"), (b, "x@00:40"), (b, "x@00:03")])))


def test_w4_policy(check, spark, conf):
    check.outcome(lambda: conf("spark.sql.streaming.multipleWatermarkPolicy", "median"))
    check(spark.conf.get("spark.sql.streaming.multipleWatermarkPolicy"))


@pytest.mark.parametrize("policy", ["min", "max"])
def test_three_watermarks_and_an_idle_one(check, spark, tmp_path, F, conf, policy):
    conf("spark.sql.streaming.multipleWatermarkPolicy", policy)
    feeds = [Feed(spark, tmp_path / str(i)) for i in range(3)]
    parts = [f.frame().withWatermark("ts", f"{i * 5} seconds") for i, f in enumerate(feeds)]
    d = windows(parts[0].union(parts[1]).union(parts[2]), F)
    check(outcome(steps(d, [(feeds[0], "x@01:00"), (feeds[1], "x@00:30 y@00:02"), (feeds[2], "z@00:03"), (feeds[2], "z@02:00"), (feeds[0], "z@00:59 y@00:04")])))


@pytest.mark.parametrize("policy", ["min", "max"])
def test_policy_is_kept_by_the_checkpoint(check, spark, tmp_path, F, conf, policy):
    a, b = Feed(spark, tmp_path / "a"), Feed(spark, tmp_path / "b")

    def frame():
        return windows(a.frame().withWatermark("ts", "10 seconds").union(b.frame().withWatermark("ts", "20 seconds")), F)

    conf("spark.sql.streaming.multipleWatermarkPolicy", policy)
    first = steps(frame(), [(a, "x@01:00"), (b, "x@00:40")], checkpoint=tmp_path / "c")
    conf("spark.sql.streaming.multipleWatermarkPolicy", "max" if policy == "min" else "min")
    check([outcome(first), outcome(steps(frame(), [(a, "x@02:00"), (b, "x@01:40")], checkpoint=tmp_path / "c"))])


def test_w5_months(check, feed, F):
    feed.write('{"k":"a","ts":"2024-03-15T00:00:00Z"}\n')
    feed.write('{"k":"a","ts":"2024-03-16T00:00:00Z"}\n')
    check(available(windows(feed.frame().withWatermark("ts", "1 month"), F)).watermarks())


@pytest.mark.parametrize("delay", ["1 year", "2 months 3 days", "1 month -1 day", "-1 month", "1.5 seconds", "1500 milliseconds", "1500 microseconds", "-1 second", "abc", "1 day -24 hours", "interval 5 seconds", "5 Seconds", " 5 seconds ", "00:00:05", "5"])
def test_w5_delays(check, feed, F, delay):
    feed.write('{"k":"a","ts":"2024-03-15T00:00:00Z"}\n{"k":"a","ts":"2024-03-15T00:00:09.123456Z"}\n')
    feed.write('{"k":"a","ts":"2024-03-16T00:00:00Z"}\n')
    check.outcome(lambda: available(windows(feed.frame().withWatermark("ts", delay), F)).watermarks())


def test_w5_window_of_a_month(check_error, feed, F):
    check_error(lambda: feed.frame().groupBy(F.window("ts", "1 month")).count())


def test_w5_delay_arguments(check_error, feed):
    for args in [(5, "1 second"), ("ts", 5), ("ts", None), (None, "1 second"), ("", "1 second"), ("nope", "1 second")]:
        check_error(lambda: feed.frame().withWatermark(*args))


def test_w6_too_late_to_come_out(check, feed, F, tmp_path):
    def once():
        got = []
        d = windows(feed.frame().withWatermark("ts", "10 seconds"), F)
        q = d.writeStream.trigger(once=True).option("checkpointLocation", str(tmp_path / "c")).foreachBatch(lambda f, i: got.append([i, sorted(f.collect())])).start()
        q.awaitTermination(120)
        return got

    for t in ["a@00:05", "a@00:25", "a@01:25"]:
        feed.add(t)
    check(once())
    check(once())


def test_w6_available(check, feed, F, tmp_path):
    for t in ["a@00:05", "a@00:25", "a@01:25"]:
        feed.add(t)
    d = windows(feed.frame().withWatermark("ts", "10 seconds"), F)
    check(outcome(available(d, checkpoint=tmp_path / "c")))
    check(with_rows(available(d, checkpoint=tmp_path / "c").batches))


def test_w7_watermark_over_a_restart(check, feed, F, tmp_path):
    d = windows(feed.frame().withWatermark("ts", "5 seconds"), F)
    feed.add("a@00:01")
    feed.add("a@00:30")
    got = []
    q = d.writeStream.trigger(once=True).option("checkpointLocation", str(tmp_path / "c")).foreachBatch(lambda f, i: got.append([i, sorted(f.collect())])).start()
    q.awaitTermination(120)
    check(got)
    feed.add("a@00:02")
    feed.add("a@00:40")
    check(outcome(available(d, checkpoint=tmp_path / "c")))
    feed.add("a@00:03")
    check(outcome(available(d, checkpoint=tmp_path / "c")))


@pytest.mark.parametrize("nodata", ["true", "false"])
@pytest.mark.parametrize("way", WAYS)
def test_watermark_over_restarts(check, feed, F, conf, tmp_path, way, nodata):
    conf("spark.sql.streaming.noDataMicroBatches.enabled", nodata)
    d = windows(feed.frame().withWatermark("ts", "5 seconds"), F)
    for texts in [["a@00:05"], ["a@00:25 b@00:26", "c@00:27"], ["d@00:01 e@00:19"], ["f@01:00"], ["g@00:40", "h@00:56"]]:
        check(outcome(run(way, d, [(feed, t) for t in texts], checkpoint=tmp_path / "c")))


W8 = {
    "window alias": lambda d, F: d.groupBy(F.window("ts", "10 seconds").alias("w")).count(),
    "withColumnRenamed": lambda d, F: d.withColumnRenamed("ts", "t").groupBy(F.window("t", "10 seconds")).count(),
    "copy": lambda d, F: d.withColumn("t2", F.col("ts")).groupBy(F.window("t2", "10 seconds")).count(),
    "plus interval": lambda d, F: d.withColumn("t", F.col("ts") + F.expr("interval 1 second")).groupBy(F.window("t", "10 seconds")).count(),
    "cast and back": lambda d, F: d.withColumn("t", F.col("ts").cast("long").cast("timestamp")).groupBy(F.window("t", "10 seconds")).count(),
    "other column": lambda d, F: d.groupBy("k").count(),
    "alias of the frame": lambda d, F: d.alias("x").groupBy(F.window("x.ts", "10 seconds")).count(),
    "filter": lambda d, F: d.where("k is not null").groupBy(F.window("ts", "10 seconds")).count(),
    "explode": lambda d, F: d.select("ts", F.explode(F.array(F.lit(1)))).groupBy(F.window("ts", "10 seconds")).count(),
    "union": lambda d, F: d.union(d).groupBy(F.window("ts", "10 seconds")).count(),
    "drop duplicates": lambda d, F: d.dropDuplicates(["k", "ts"]).groupBy(F.window("ts", "10 seconds")).count(),
    "in a struct": lambda d, F: d.select(F.struct("ts").alias("s")).groupBy(F.window("s.ts", "10 seconds")).count(),
    "coalesce": lambda d, F: d.select(F.coalesce("ts", F.current_timestamp()).alias("t")).groupBy(F.window("t", "10 seconds")).count(),
    "same column twice": lambda d, F: d.select("ts", "ts").toDF("a", "b").groupBy(F.window("b", "10 seconds")).count(),
    "repartition": lambda d, F: d.repartition(2).groupBy(F.window("ts", "10 seconds")).count(),
    "two marked keys": lambda d, F: d.withColumn("t2", F.col("ts")).groupBy("ts", "t2").count(),
    "two marked columns beneath": lambda d, F: d.withColumn("t2", F.col("ts")).dropDuplicates(["ts"]),
    "window and column": lambda d, F: d.groupBy(F.window("ts", "10 seconds"), "ts").count(),
    "alias": lambda d, F: d.select(F.col("ts").alias("t")).groupBy(F.window("t", "10 seconds")).count(),
    "alias with metadata": lambda d, F: d.select(F.col("ts").alias("t", metadata={"a": 1})).groupBy(F.window("t", "10 seconds")).count(),
    "alias with empty metadata": lambda d, F: d.select(F.col("ts").alias("t", metadata={})).groupBy(F.window("t", "10 seconds")).count(),
    "withMetadata": lambda d, F: d.withMetadata("ts", {"a": 1}).groupBy(F.window("ts", "10 seconds")).count(),
    "withMetadata of another": lambda d, F: d.withMetadata("k", {"a": 1}).groupBy(F.window("ts", "10 seconds")).count(),
    "deduplicated with metadata": lambda d, F: d.select("k", F.col("ts").alias("ts", metadata={"a": 1})).dropDuplicates(["k", "ts"]),
}


@pytest.mark.parametrize("name", W8)
def test_w8_what_keeps_the_mark(check, feed, F, name):
    for t in ["a@00:01", "a@00:40", "a@01:40"]:
        feed.add(t)
    d = W8[name](feed.frame().withWatermark("ts", "5 seconds"), F)

    def go():
        r = available(d.select("count") if "count" in d.columns else d)
        return [len(rows) for _, rows in with_rows(r.batches)], r.watermarks()

    check.outcome(go)


def above(d, F):
    """A watermark above an aggregation that has one."""
    counted = d.withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count()
    return counted.select(F.window_time("window").alias("wt"), "count").withWatermark("wt", "2 seconds")


REDEFINED = {
    "above": ("append", above),
    "aggregated again": ("append", lambda d, F: above(d, F).groupBy(F.window("wt", "20 seconds")).sum("count")),
    "above, update": ("update", above),
    "above, complete": ("complete", above),
    "first": ("complete", lambda d, F: d.groupBy("k").agg(F.max("ts").alias("ts")).withWatermark("ts", "2 seconds")),
    "twice": ("append", lambda d, F: d.withWatermark("ts", "5 seconds").withWatermark("ts", "5 seconds")),
    "twice, no rows": ("append", lambda d, F: d.withWatermark("ts", "5 seconds").withWatermark("ts", "5 seconds").where("k = 'zz'")),
    "above a deduplication": ("append", lambda d, F: d.withWatermark("ts", "5 seconds").dropDuplicates(["k"]).withWatermark("ts", "1 second")),
}


@pytest.mark.parametrize("name", REDEFINED)
def test_a_second_watermark(check, feed, F, api, name):
    """It is an error only once the first has moved the query's watermark, which the second one's holds at 1970."""
    mode, build = REDEFINED[name]
    seen = []
    query = build(feed.frame(), F).writeStream.outputMode(mode).foreachBatch(lambda d, i: seen.append([i, sorted(map(str, d.collect()))])).start()
    try:
        for t in ["a@00:01", "a@00:40", "a@01:40"]:
            feed.add(t)
            query.processAllAvailable()
        check([p.eventTime["watermark"] for p in query.recentProgress])
    except api.errors.StreamingQueryException as e:
        check([e.getCondition(), "spark.sql.streaming.statefulOperator.allowMultiple" in str(e)])
    finally:
        query.stop()
    check(seen)


def test_w8_after_group_by(check, feed, F):
    feed.add("a@00:01")
    check.outcome(lambda: available(feed.frame().groupBy(F.window("ts", "10 seconds")).count().withWatermark("window", "5 seconds")).batches)


def test_w8_columns_that_cannot_be_marked(check, feed, F):
    nested = feed.frame("s struct<ts timestamp, k string>, ts timestamp, d date, n timestamp_ntz, l long, `a.b` timestamp")
    for column in ["s.ts", "s", "s.nope", "k", "d", "l", "n", "a.b", "`a.b`"]:
        check.outcome(lambda: nested.withWatermark(column, "5 seconds").columns)
    check.outcome(lambda: nested.withColumn("w", F.window("ts", "5 seconds")).withWatermark("w", "5 seconds").columns)


TWICE = {
    "same column": lambda d, F: d.withWatermark("ts", "5 seconds").withWatermark("ts", "10 seconds").groupBy(F.window("ts", "10 seconds")).count(),
    "without state": lambda d, F: d.withWatermark("ts", "5 seconds").withWatermark("ts", "5 seconds").select("k"),
    "other column": lambda d, F: d.withWatermark("ts", "5 seconds").withColumn("t", F.col("ts") + F.expr("interval 1 second")).withWatermark("t", "5 seconds").groupBy("t").count(),
    "above an aggregate": lambda d, F: d.withWatermark("ts", "5 seconds").groupBy("ts").count().withWatermark("ts", "5 seconds"),
    "above a union": lambda d, F: d.withWatermark("ts", "5 seconds").union(d).withWatermark("ts", "5 seconds").groupBy("ts").count(),
    "one beneath a static side": lambda d, F: d.join(d.sparkSession.range(1).selectExpr("timestamp'2024-01-01' t").withWatermark("t", "1 second")).withWatermark("ts", "5 seconds").groupBy("ts").count(),
}


@pytest.mark.parametrize("allowed", ["true", "false"])
@pytest.mark.parametrize("name", TWICE)
def test_w8_two_watermarks_on_one_stream(check, feed, F, conf, name, allowed):
    conf("spark.sql.streaming.statefulOperator.allowMultiple", allowed)
    for t in ["a@00:01", "a@00:40", "a@01:40"]:
        feed.add(t)
    d = TWICE[name](feed.frame(), F)

    def go():
        r = available(d.select("count") if "count" in d.columns else d)
        return r.batches, r.watermarks()

    check.outcome(go)


@pytest.mark.parametrize("mode", ["append", "update", "complete"])
@pytest.mark.parametrize("way", WAYS)
def test_null_event_times(check, feed, F, way, mode):
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy("ts").agg(F.count("*").alias("n"))
    check(outcome(run(way, d, [(feed, "a b@00:01"), (feed, "a b"), (feed, "a@00:40 b"), (feed, "a@00:50 b@00:03")], mode)))


@pytest.mark.parametrize("way", WAYS)
def test_null_event_times_of_duplicates(check, feed, way):
    d = feed.frame().withWatermark("ts", "5 seconds").dropDuplicates(["k", "ts"])
    check(outcome(run(way, d, [(feed, "a b@00:01 a"), (feed, "a b"), (feed, "a@00:40 b"), (feed, "a a@00:40 b@00:03")])))


@pytest.mark.parametrize("mode", ["append", "update", "complete"])
@pytest.mark.parametrize("nodata", ["true", "false"])
@pytest.mark.parametrize("key", ["window", "k", "both"])
def test_batches_without_data(check, feed, F, conf, key, nodata, mode):
    conf("spark.sql.streaming.noDataMicroBatches.enabled", nodata)
    keys = {"window": [F.window("ts", "10 seconds").start.alias("w")], "k": ["k"], "both": [F.window("ts", "10 seconds").alias("w"), "k"]}[key]
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(*keys).count()
    texts = ["a@00:05 b@00:01", "a@00:25", "a@00:24", "c@00:01", "d@01:00"]

    def go():
        r = steps(d, [(feed, t) for t in texts], mode)
        return [b for b, _ in r.batches], outcome(r)

    check.outcome(go)


def test_event_times_of_a_progress(check, feed, F):
    run = steps(windows(feed.frame().withWatermark("ts", "5 seconds"), F), [(feed, "a@00:05 b@00:06"), (feed, "a"), (feed, "c@00:58 a@00:01")])
    check([[p["batchId"], dict(p["eventTime"])] for p in run.progresses])


@pytest.mark.parametrize("filtered", ["v > 1", "ts > '2024-01-01 00:00:10'", "k = 'a' and ts is not null"])
def test_what_a_filter_hides_from_the_watermark(check, feed, F, filtered):
    d = windows(feed.frame().withWatermark("ts", "5 seconds").where(filtered), F)
    check(outcome(steps(d, [(feed, "a@00:05=1 b@00:11=2"), (feed, "a@00:59=1 a@00:25=2"), (feed, "a@00:33=5"), (feed, "a@00:20=5")])))


def test_times_before_1970(check, feed, F):
    d = windows(feed.frame().withWatermark("ts", "5 seconds"), F)

    def put(*times):
        return "\n".join('{"k":"a","ts":"%s"}' % t for t in times) + "\n"

    feed.write(put("1969-12-31T23:59:30Z", "1969-12-31T23:59:59Z"))
    feed.write(put("1970-01-01T00:00:03Z", "1969-12-31T23:59:59Z"))
    feed.write(put("1970-01-01T00:01:00Z"))
    check(outcome(available(d)))
    check(outcome(available(feed.frame().withWatermark("ts", "5 seconds").dropDuplicates(["ts"]))))
