"""DataFrame.observe on batches and streams: Observation.get, observedMetrics of progress, what is refused."""

import threading

import pytest

from streams import available, steps


def wait(until, seconds=60):
    end = threading.Event()
    for _ in range(seconds * 50):
        if until():
            return
        end.wait(0.02)
    raise AssertionError("it did not come about")


def told(seen, seconds=3):
    """What get gives, or that it still waits."""
    answer = []

    def ask():
        try:
            answer.append(seen.get)
        except Exception as e:
            answer.append(e)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    return answer[0] if answer else "waits"


@pytest.fixture
def frame(spark):
    return spark.createDataFrame([("a", 1, 1.5), ("b", 2, None), (None, 3, 2.5)], "k string, v int, d double")


METRICS = {
    "count": lambda F: [F.count(F.lit(1)).alias("n")],
    "unnamed": lambda F: [F.count(F.lit(1)), F.max("v"), F.sum("v") + 1],
    "several": lambda F: [F.count("*").alias("n"), F.count(F.when(F.col("k").isNull(), 1)).alias("nulls"), F.min("k").alias("lo"), F.max("k").alias("hi"), F.avg("d").alias("mean"), F.sum("v").alias("total")],
    "literal": lambda F: [F.lit(42).alias("x"), F.lit("s")],
    "arithmetic": lambda F: [(F.sum("v") + F.avg("d") - F.lit(1)).alias("x"), (F.sum(F.col("v") * 2) / F.count("*")).alias("y")],
    "types": lambda F: [F.max(F.struct("v", "k")).alias("s"), F.collect_list("v").alias("l"), F.max(F.col("v").cast("decimal(10,2)")).alias("m"), F.max(F.to_date(F.lit("2024-01-02"))).alias("day"), F.max(F.to_timestamp(F.lit("2024-01-02 03:04:05"))).alias("t"), F.first(F.lit(None).cast("int")).alias("nothing"), F.max(F.col("v") > 2).alias("b")],
    "two of one name": lambda F: [F.count("*").alias("n"), F.max("v").alias("n")],
}


@pytest.mark.parametrize("name", METRICS)
def test_metrics(check, frame, F, api, name):
    seen = api.sql.Observation("mine")
    d = frame.observe(seen, *METRICS[name](F))
    check([d.columns, d.count()])
    check(told(seen))


ACTIONS = {
    "collect": lambda d, path: len(d.collect()),
    "toPandas": lambda d, path: len(d.toPandas()),
    "write": lambda d, path: d.write.json(path + "/o"),
    "noop": lambda d, path: d.write.format("noop").mode("overwrite").save(),
    "foreach": lambda d, path: d.foreach(lambda r: None),
    "filtered above": lambda d, path: d.where("v > 2").count(),
    "grouped above": lambda d, path: len(d.groupBy("k").count().collect()),
    "union above": lambda d, path: d.union(d).count(),
    "sorted above": lambda d, path: [r.v for r in d.orderBy("v").collect()],
    "selected above": lambda d, path: [r.v for r in d.select("v").collect()],
    "no columns above": lambda d, path: len(d.select().collect()),
    "toLocalIterator": lambda d, path: len(list(d.toLocalIterator())),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_actions(check, frame, F, api, tmp_path, name):
    seen = api.sql.Observation()
    d = frame.observe(seen, F.count("*").alias("n"), F.max("v").alias("most"))
    check.outcome(lambda: ACTIONS[name](d, str(tmp_path)))
    # foreach runs no SQL job in PySpark, toLocalIterator one a partition: no metrics, or those of none
    check(told(seen), ours={"n": 3, "most": 3} if name in ("foreach", "toLocalIterator") else None)


def test_below_and_above(check, frame, F, api):
    before, after = api.sql.Observation("before"), api.sql.Observation("after")
    d = frame.observe(before, F.count("*").alias("n"), F.sum("v").alias("s")).where("v > 1").observe(after, F.count("*").alias("n"), F.sum("v").alias("s"))
    check(d.count())
    check([told(before), told(after)])
    grouped = api.sql.Observation("grouped")
    check(frame.groupBy("k").count().observe(grouped, F.sum("count").alias("s"), F.count("*").alias("g")).count())
    check(told(grouped))


def test_only_the_first_action_counts(check, frame, F, api, spark):
    seen = api.sql.Observation("once")
    d = frame.observe(seen, F.count("*").alias("n"))
    d.where("v = 1").collect()
    first = seen.get
    d.union(d).collect()
    check([first, seen.get, type(seen.get).__name__])
    check.error(lambda: frame.observe(seen, F.count("*")))


def test_a_failed_action_tells_what_it_had(check, spark, F, api):
    seen = api.sql.Observation("fails")
    d = spark.range(3).selectExpr("1 / (id - 1) as x").observe(seen, F.count("*").alias("n"))
    with pytest.raises(Exception):
        d.collect()
    check(sorted(told(seen)))  # of as many rows as were counted


def test_get_waits_for_the_action(check, frame, F, api):
    seen = api.sql.Observation("waits")
    d = frame.observe(seen, F.count("*").alias("n"))
    answer = []
    asking = threading.Thread(target=lambda: answer.append(seen.get), daemon=True)
    asking.start()
    asking.join(0.3)
    check(list(answer))
    d.collect()
    asking.join(60)
    check(answer)


def test_by_name_on_a_batch(check, frame, F):
    d = frame.observe("named", F.count("*").alias("n"))
    check([d.count(), d.columns])


WRONG = {
    "no metrics": lambda d, F, O: d.observe("x"),
    "no columns": lambda d, F, O: d.observe("x", "v"),
    "not a name": lambda d, F, O: d.observe(5, F.count("*")),
    "attribute": lambda d, F, O: d.observe("x", F.col("v")),
    "attribute in arithmetic": lambda d, F, O: d.observe("x", F.sum("v") + F.col("v")),
    "no such column": lambda d, F, O: d.observe("x", F.sum("nope")),
    "nested aggregate": lambda d, F, O: d.observe("x", F.sum(F.max("v"))),
    "distinct": lambda d, F, O: d.observe("x", F.countDistinct("v")),
    "filter": lambda d, F, O: d.observe("x", F.expr("count(*) filter (where v > 1)")),
    "non deterministic": lambda d, F, O: d.observe("x", F.rand(1)),
    "non deterministic inside": lambda d, F, O: d.observe("x", F.sum(F.rand(1))).count(),
    "one name twice": lambda d, F, O: d.observe("x", F.count("*")).observe("x", F.max("v")).count(),
    "one name twice, the same": lambda d, F, O: d.observe("x", F.count("*")).union(d.observe("x", F.count("*"))).count(),
    "get without": lambda d, F, O: O("x").get,
    "Observation of a number": lambda d, F, O: O(5),
    "Observation of nothing": lambda d, F, O: O(""),
    "generator": lambda d, F, O: d.observe("x", F.explode(F.array(F.lit(1)))),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused(check, frame, F, api, name):
    check.outcome(lambda: str(type(WRONG[name](frame, F, api.sql.Observation)).__name__))


def test_a_name_is_needed(check, frame, F, api):
    try:
        frame.observe("", F.count("*"))
        check("no error")
    except api.errors.AnalysisException as e:
        check([e.getCondition(), e.getSqlState(), sorted(e.getMessageParameters())])


def observed(run, name="m"):
    return [[p["batchId"], p["observedMetrics"].get(name)] for p in run.progresses]


def test_q4_observe_on_a_stream(check, feed, F):
    d = feed.frame().observe("m", F.count(F.lit(1)).alias("n"), F.count(F.when(F.col("k").isNull(), 1)).alias("nulls"), F.max("v").alias("most"))
    for text in ["a=1 =2", "b=3", "=4 =5 c=6"]:
        feed.add(text)
    run = available(d)
    check(observed(run))
    p = run.progresses[0]
    check([type(p.observedMetrics).__name__, type(p.observedMetrics["m"]).__name__, p.observedMetrics["m"].n, p.observedMetrics["m"]["nulls"], '"observedMetrics"' in p.json, list(p.observedMetrics)])


def test_observe_in_steps_and_without_data(check, feed, F):
    d = feed.frame().withWatermark("ts", "5 seconds").observe("below", F.count("*").alias("n"), F.max("ts").alias("t"))
    d = d.groupBy(F.window("ts", "10 seconds")).count().observe("m", F.count("*").alias("windows"), F.sum("count").alias("rows"))
    run = steps(d, [(feed, "a@00:05 b@00:15"), (feed, "a@00:45"), (feed, "a@00:01")])
    check(observed(run))
    check(observed(run, "below"))


@pytest.mark.parametrize("where", ["filter below", "filter above", "aggregate above", "two", "type"])
def test_observe_places(check, feed, F, where):
    m = [F.count("*").alias("n"), F.sum("v").alias("s")]
    d, mode = feed.frame(), "append"
    if where == "filter below":
        d = d.where("v > 2").observe("m", *m)
    elif where == "filter above":
        d = d.observe("m", *m).where("v > 2").select("k")
    elif where == "aggregate above":
        d, mode = d.observe("m", *m).groupBy("k").count(), "update"
    elif where == "two":
        d = d.observe("first", *m).where("v > 2").observe("m", *m)
    elif where == "type":
        d = d.observe("m", F.avg("v").alias("a"), F.max("ts").alias("t"), F.max(F.expr("ts + interval 250 milliseconds")).alias("u"), F.max("k").alias("k"), F.sum(F.col("v").cast("decimal(10,2)")).alias("d"), F.lit(True).alias("b"), F.max(F.lit(None).cast("int")).alias("none"))
    for text in ["a@00:01=1 b@00:02=2", "c@00:03=3 a@00:04=4"]:
        feed.add(text)
    run = available(d, mode)
    check(observed(run))
    check([sorted(p["observedMetrics"]) for p in run.progresses])


def test_listener_gets_the_metrics(check, spark, feed, F, api):
    seen, ended = [], []

    class Listener(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            pass

        def onQueryProgress(self, event):
            m = event.progress.observedMetrics
            if "m" in m:
                seen.append([event.progress.batchId, m["m"], m["m"].asDict(), type(m["m"].t).__name__])

        def onQueryTerminated(self, event):
            ended.append(str(event.id))

    listener = Listener()
    spark.streams.addListener(listener)
    try:
        for text in ["a@00:01=1 b@00:02=2", "c@00:03=3"]:
            feed.add(text)
        d = feed.frame().observe("m", F.count("*").alias("n"), F.avg("v").alias("a"), F.max("ts").alias("t"), F.max(F.struct("v", "k")).alias("s"))
        q = d.writeStream.format("noop").trigger(availableNow=True).start()
        q.awaitTermination(60)
        wait(lambda: str(q.id) in ended)  # the end of an earlier test's query may be told here too
        check(seen)
        p = q.lastProgress
        check([p.observedMetrics, p["observedMetrics"]["m"].t])
    finally:
        spark.streams.removeListener(listener)


def test_streams_refuse(check, feed, F, api):
    feed.add("a=1")
    d = feed.frame()
    check.error(lambda: d.observe(api.sql.Observation("x"), F.count("*")).writeStream.format("noop").start())
    check.error(lambda: d.observe("x", F.countDistinct("k")))
    check.outcome(lambda: available(d.observe("x", F.count("*").alias("n")).union(d.observe("x", F.count("*").alias("n"))).select("v")).batches)
    check.error(lambda: available(d.observe("x", F.count("*").alias("n")).observe("x", F.max("v").alias("n")).select("v")))
