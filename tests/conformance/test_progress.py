"""Values of a query's progress: rows, rates, durations, offsets, event time, state, sinks."""

import json
import re

import pytest

from streams import Feed, available, steps


def plain(p):
    return json.loads(p.json)


def offsets(p):
    return [[s["startOffset"], s["endOffset"], s["latestOffset"]] for s in plain(p)["sources"]]


def finish(q):
    assert q.awaitTermination(120)
    return q


def test_q2_shape(check, feed):
    feed.add("a=1 b=2")
    feed.add("c=3")
    q = finish(feed.frame().writeStream.format("noop").queryName("q2").trigger(availableNow=True).start())
    check([list(plain(p)) for p in q.recentProgress])
    p = q.lastProgress
    check([p["batchId"] == p.batchId, p["id"] == str(p.id), type(p.id).__name__, type(p["durationMs"]).__name__, sorted(p.durationMs), sorted(set(type(v).__name__ for v in p.durationMs.values()))])
    check([plain(q.recentProgress[0])["inputRowsPerSecond"], type(plain(p)["processedRowsPerSecond"]).__name__])
    check([bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", p.timestamp)), p.batchDuration == p.durationMs["triggerExecution"], p.name, p.eventTime, p.stateOperators, p.observedMetrics])
    check([p.processedRowsPerSecond > 0, p.inputRowsPerSecond > 0, p.sources[0].processedRowsPerSecond == p.processedRowsPerSecond, p.sources[0].inputRowsPerSecond == p.inputRowsPerSecond])
    check([re.fullmatch(r"\d+\.\d", str(p.processedRowsPerSecond)) is not None, re.search(r'"processedRowsPerSecond": ?\d+\.\d\D', p.json) is not None])
    check([sum(v for k, v in p.durationMs.items() if k != "triggerExecution") <= p.durationMs["triggerExecution"] + 1, min(p.durationMs.values()) >= 0])


def test_rates_are_rows_by_time(check, feed):
    feed.add(" ".join(f"k{i}={i}" for i in range(50)))
    feed.add(" ".join(f"k{i}={i}" for i in range(70)))
    q = feed.frame().writeStream.foreachBatch(lambda d, i: __import__("time").sleep(0.2)).start()
    q.processAllAvailable()
    q.stop()
    first, second = q.recentProgress
    near = lambda rate, rows, ms: abs(rate - rows * 1000 / ms) < 0.06
    check([first.inputRowsPerSecond, near(first.processedRowsPerSecond, first.numInputRows, first.batchDuration), near(second.processedRowsPerSecond, second.numInputRows, second.batchDuration)])
    import datetime as dt

    start = lambda p: dt.datetime.strptime(p.timestamp, "%Y-%m-%dT%H:%M:%S.%fZ")
    check(near(second.inputRowsPerSecond, second.numInputRows, (start(second) - start(first)).total_seconds() * 1000))
    check([first.durationMs["addBatch"] >= 200, first.batchDuration >= first.durationMs["addBatch"]])


def test_b3_a_source_read_twice(check, feed):
    feed.add("a=1 b=2")
    s = feed.frame()
    run = available(s.union(s))
    p = run.progresses[0]
    check([len(run.batches[0][1]), p.numInputRows, len(p.sources), p.sources[0].numInputRows])
    s = feed.frame()
    run = available(s.select("k").union(s.where("v > 1").select("k")))
    check([run.batches, run.progresses[0].numInputRows, len(run.progresses[0].sources)])
    run = available(feed.frame().union(feed.frame()))
    check([run.progresses[0].numInputRows, [x.numInputRows for x in run.progresses[0].sources]])


def test_rows_are_those_read(check, feed, F):
    feed.add("a=1 b=2 c=3")
    for d in [feed.frame().where("v > 2"), feed.frame().select("k"), feed.frame().select(F.lit(1)), feed.frame().selectExpr("explode(array(v, v))")]:
        run = available(d)
        check([[p.numInputRows for p in run.progresses], [len(b[1]) for b in run.batches]])


def test_static_side_is_no_source(check, feed, spark):
    feed.add("a=1 b=2")
    static = spark.createDataFrame([("a", 10), ("z", 1)], "k string, w int")
    p = available(feed.frame().join(static, "k")).progresses[0]
    check([p.numInputRows, len(p.sources)])


SINKS = {
    "noop": lambda d, p: d.writeStream.format("noop"),
    "memory": lambda d, p: d.writeStream.format("memory").queryName("sinkrows"),
    "console": lambda d, p: d.writeStream.format("console"),
    "foreachBatch": lambda d, p: d.writeStream.foreachBatch(lambda b, i: b.count()),
    "json": lambda d, p: d.writeStream.format("json").option("checkpointLocation", p + "/c").option("path", p + "/o"),
    "parquet": lambda d, p: d.writeStream.format("parquet").option("checkpointLocation", p + "/c").option("path", p + "/o"),
}


@pytest.mark.parametrize("name", SINKS)
def test_sink(check, feed, tmp_path, name, console):
    feed.add("a=1 b=2 c=3")
    feed.add("d=4")
    q = finish(SINKS[name](feed.frame().where("v > 1"), str(tmp_path)).trigger(availableNow=True).start())
    check([[p.sink.numOutputRows, p.sink.description.split("@")[0].split("$$Lambda")[0], p.sink.metrics, sorted(plain(p)["sink"])] for p in q.recentProgress])


def test_sink_rows_of_aggregates(check, feed, spark):
    for mode in ["update", "complete"]:
        feed.add("a b")
        q = feed.frame().groupBy("k").count().writeStream.format("memory").queryName("aggsink").outputMode(mode).start()
        q.processAllAvailable()
        feed.add("a c")
        q.processAllAvailable()
        check([p.sink.numOutputRows for p in q.recentProgress])
        q.stop()


def test_offsets_of_files(check, feed):
    feed.add("a=1")
    feed.add("b=2")
    run = available(feed.frame())
    check([offsets(p) for p in run.progresses])
    check([[p.sources[0].description, type(p.sources[0].startOffset).__name__, p.sources[0].startOffset, p.sources[0].metrics] for p in run.progresses])


def test_offsets_of_rate(check, spark):
    d = spark.readStream.format("rate").option("rowsPerSecond", 5).option("numPartitions", 1).load()
    q = d.writeStream.format("noop").trigger(processingTime="300 milliseconds").start()
    while len([p for p in q.recentProgress if p.numInputRows]) < 2 and q.isActive:
        q.awaitTermination(0.05)
    q.stop()
    p = q.recentProgress
    check([[type(s[0]).__name__, type(s[1]).__name__, type(s[2]).__name__] for s in offsets(p[0])])
    check([offsets(p[0])[0][0] if p[0].batchId == 0 else None, p[0].sources[0].description])
    with_rows = [x for x in p if x.numInputRows]
    check([all(x.numInputRows == 5 * (offsets(x)[0][1] - offsets(x)[0][0]) for x in with_rows), sorted(plain(p[0])["sources"][0])])
    check([[x.batchId for x in p] == list(range(len(p))), all(offsets(a)[0][1] == offsets(b)[0][0] for a, b in zip(p, p[1:]))])


def test_offsets_of_rate_micro_batch(check, spark):
    d = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 3).option("numPartitions", 1).option("startTimestamp", 1000).option("advanceMillisPerBatch", 500).load()
    q = finish(d.writeStream.format("noop").trigger(availableNow=True).start())
    check([[p.batchId, p.numInputRows, offsets(p)] for p in q.recentProgress])
    check(q.lastProgress.sources[0].description)
    q = finish(d.writeStream.format("noop").trigger(once=True).start())
    check([[p.batchId, p.numInputRows, offsets(p)] for p in q.recentProgress])


def test_event_time(check, feed, F):
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count()
    run = steps(d, [(feed, "a@00:05 b@00:16"), (feed, "a@00:45"), (feed, "a@00:01 b@00:50"), (feed, "c")])
    check([[p.batchId, p.eventTime, p.numInputRows, [s.numRowsDroppedByWatermark for s in p.stateOperators]] for p in run.progresses])


def test_event_time_without_state(check, feed):
    run = steps(feed.frame().withWatermark("ts", "5 seconds").select("k", "ts"), [(feed, "a@00:05"), (feed, "b@00:45"), (feed, "c@00:01")])
    check([[p.batchId, p.eventTime, p.numInputRows, p.stateOperators] for p in run.progresses])
    check([[b[0], len(b[1])] for b in run.batches])


def test_durations(check, feed, F):
    feed.add("a@00:05")
    feed.add("a@00:45")
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count()
    check([[p.batchId, sorted(p.durationMs)] for p in available(d).progresses])
    check([[p.batchId, sorted(p.durationMs)] for p in steps(d, []).progresses])


def test_state(check, feed, F):
    run = steps(feed.frame().groupBy("k").count(), [(feed, "a b c"), (feed, "a"), (feed, "d")], "update")
    check([[s.operatorName, s.numRowsTotal, s.numRowsUpdated, s.numRowsRemoved, s.numRowsDroppedByWatermark, s.numShufflePartitions, s.numStateStoreInstances, s.memoryUsedBytes > 0, s.commitTimeMs >= 0, s.allUpdatesTimeMs >= 0] for p in run.progresses for s in p.stateOperators])


def test_state_keeps_its_rows_over_a_restart(check, feed, tmp_path):
    feed.add("a b c")
    d = lambda: feed.frame().groupBy("k").count()
    available(d(), "update", checkpoint=tmp_path / "c")
    feed.add("a d")
    p = available(d(), "update", checkpoint=tmp_path / "c").progresses
    check([[x.batchId, x.stateOperators[0].numRowsTotal, x.stateOperators[0].numRowsUpdated, x.inputRowsPerSecond] for x in p])


def test_progress_of_once_and_interval(check, feed):
    feed.add("a=1")
    feed.add("b=2")
    q = finish(feed.frame().writeStream.format("noop").trigger(once=True).start())
    check([[p.batchId, p.numInputRows, offsets(p), sorted(p.durationMs)] for p in q.recentProgress])
    q = feed.frame().writeStream.format("noop").trigger(processingTime="100 milliseconds").start()
    q.processAllAvailable()
    q.awaitTermination(0.4)
    q.stop()
    check([[p.batchId, p.numInputRows] for p in q.recentProgress])


def usual(q, message):
    """The status that a query has most of the time once it says so."""
    import collections

    for _ in range(100):
        if q.status["message"] == message:
            break
        q.awaitTermination(0.05)
    seen = collections.Counter()
    for _ in range(40):
        seen[json.dumps(q.status)] += 1
        q.awaitTermination(0.013)
    return json.loads(seen.most_common(1)[0][0])


def test_status(check, feed, spark, tmp_path):
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").start()
    q.processAllAvailable()
    check(usual(q, "Waiting for data to arrive"))
    q.stop()
    check(q.status)
    q = feed.frame().writeStream.format("noop").trigger(processingTime="1 hour").start()
    while not q.recentProgress or not q.lastProgress.numInputRows:
        q.awaitTermination(0.05)
    check(usual(q, "Waiting for next trigger"))
    q.stop()
    q = Feed(spark, tmp_path / "empty").frame().writeStream.format("noop").trigger(processingTime="1 hour").start()
    while not q.recentProgress:
        q.awaitTermination(0.05)
    check(usual(q, "Waiting for next trigger"))
    check([len(q.recentProgress), [p.batchId for p in q.recentProgress]])
    q.stop()


def test_sources_of_a_union_of_three(check, feed, spark, tmp_path):
    other = Feed(spark, tmp_path / "other")
    feed.add("a=1")
    other.add("b=2 c=3")
    rate = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 2).load().selectExpr("cast(value as string) as k")
    run = available(feed.frame().select("k").union(other.frame().select("k")).union(rate))
    check([[p.batchId, p.numInputRows, [[s.description.split("[")[0], s.numInputRows] for s in p.sources], offsets(p)] for p in run.progresses])
