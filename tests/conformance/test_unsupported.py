"""What PySpark refuses at start(), by operator, output mode, kind of join and sink: its condition and parameters."""

import pytest

from streams import Feed

MODES = ["append", "update", "complete"]
JOINS = ["inner", "cross", "left", "right", "full", "left_semi", "left_anti"]


class Frames:
    """a and b are streams, w and x the same with watermarks, s is static."""

    def __init__(self, spark, folder, F):
        self.spark, self.F = spark, F
        left, right = Feed(spark, folder / "a"), Feed(spark, folder / "b")
        left.add("a@00:01=1")
        right.add("a@00:01=1")
        self.a = left.frame()
        self.b = right.frame().toDF("k2", "ts2", "v2")
        self.w = self.a.withWatermark("ts", "10 seconds")
        self.x = self.b.withWatermark("ts2", "20 seconds")
        self.s = spark.createDataFrame([("a", 1)], "sk string, n int")

    def window(self, column="ts", *size):
        return self.F.window(column, *(size or ("10 seconds",)))

    def session(self, column="ts"):
        return self.F.session_window(column, "5 seconds")

    def counted(self, d=None):
        return (d or self.w).groupBy(self.window(), "k").count()

    def ranked(self, d, order):
        from importlib import import_module

        window = import_module(type(self.spark).__module__.split(".")[0] + ".sql.window").Window
        return d.withColumn("r", self.F.row_number().over(window.partitionBy("k").orderBy(order)))

    def with_state(self, d, mode, timeout):
        def pairs(key, frames, state):
            yield next(frames)

        return d.groupBy("k").applyInPandasWithState(pairs, "k string, ts timestamp", "n int", mode, timeout)


def answer(frame, mode, **how):
    """starts, or the condition and its parameters."""
    writer = frame.writeStream.format(how.pop("format", "noop")).outputMode(mode)
    return started(lambda: writer.start(**how))


def started(start):
    try:
        start().stop()
    except Exception as e:
        if not hasattr(e, "getCondition"):
            raise
        parameters = e.getMessageParameters() or {}
        return [type(e).__name__, e.getCondition(), {k: parameters[k] for k in sorted(parameters) if k not in ("className", "windowFunc")}]
    return "starts"


@pytest.fixture
def f(spark, tmp_path, F):
    return Frames(spark, tmp_path / "frames", F)


def answers(f, make, modes=MODES, **how):
    out = []
    for mode in modes:
        try:
            frame = make(f)
        except Exception as e:
            if not hasattr(e, "getCondition"):
                raise
            out.append([mode, "frame", type(e).__name__, e.getCondition()])
            continue
        out.append([mode, answer(frame, mode, **how)])
    return out


PLAIN = {
    "as it is": lambda f: f.a,
    "select": lambda f: f.a.select("k"),
    "filter": lambda f: f.a.where("v > 1"),
    "explode": lambda f: f.a.select(f.F.explode(f.F.array("k", "k"))),
    "sort": lambda f: f.a.orderBy("k"),
    "sort of marked": lambda f: f.w.orderBy("ts"),
    "sort within partitions": lambda f: f.a.sortWithinPartitions("k"),
    "limit": lambda f: f.a.limit(3),
    "limit 0": lambda f: f.a.limit(0),
    "limit of a limit": lambda f: f.a.limit(3).limit(2),
    "offset": lambda f: f.a.offset(1),
    "limit and offset": lambda f: f.a.limit(3).offset(1),
    "sample": lambda f: f.a.sample(0.5),
    "sample with replacement": lambda f: f.a.sample(True, 0.5),
    "repartition": lambda f: f.a.repartition(2),
    "repartition by key": lambda f: f.a.repartition(2, "k"),
    "coalesce": lambda f: f.a.coalesce(1),
    "rand": lambda f: f.a.select(f.F.rand()),
    "monotonically_increasing_id": lambda f: f.a.select(f.F.monotonically_increasing_id()),
    "monotonically_increasing_id in a filter": lambda f: f.a.where(f.F.monotonically_increasing_id() > 3),
    "spark_partition_id": lambda f: f.a.select(f.F.spark_partition_id()),
    "current_timestamp": lambda f: f.a.select(f.F.current_timestamp()),
    "row_number": lambda f: f.ranked(f.a, "ts"),
    "row_number of marked": lambda f: f.ranked(f.w, "ts"),
    "rank in SQL": lambda f: f.a.selectExpr("k", "rank() over (partition by k order by v) r", "sum(v) over (partition by k) s"),
    "fillna": lambda f: f.a.fillna(0),
    "hint": lambda f: f.a.hint("broadcast"),
    "mapInPandas": lambda f: f.a.mapInPandas(lambda it: it, "k string, ts timestamp, v int"),
    "udf": lambda f: f.a.select(f.F.udf(lambda v: v, "int")("v")),
    "marked": lambda f: f.w,
    "window column": lambda f: f.w.select(f.window()),
    "session window column": lambda f: f.w.select(f.session()),
    "cube": lambda f: f.w.cube("k").count(),
    "rollup": lambda f: f.w.rollup(f.window(), "k").count(),
    "static scalar": lambda f: f.a.crossJoin(f.s.agg(f.F.max("n"))),
}

AGGREGATES = {
    "count": lambda f: f.a.groupBy("k").count(),
    "count of all": lambda f: f.a.groupBy().count(),
    "count of all, marked": lambda f: f.w.groupBy().count(),
    "by window": lambda f: f.a.groupBy(f.window()).count(),
    "by marked window": lambda f: f.w.groupBy(f.window()).count(),
    "by marked window and key": lambda f: f.counted(),
    "by sliding window": lambda f: f.w.groupBy(f.window("ts", "10 seconds", "5 seconds")).count(),
    "by the marked column": lambda f: f.w.groupBy("ts").count(),
    "by another key, marked": lambda f: f.w.groupBy("k").count(),
    "by an expression of the marked": lambda f: f.w.groupBy(f.F.date_trunc("minute", "ts")).count(),
    "by window.start": lambda f: f.w.groupBy(f.window().start).count(),
    "by window.end alias": lambda f: f.w.groupBy(f.window().end.alias("e")).count(),
    "count distinct": lambda f: f.w.groupBy(f.window()).agg(f.F.countDistinct("k")),
    "sum distinct": lambda f: f.a.groupBy("k").agg(f.F.sum_distinct("v")),
    "approx_count_distinct": lambda f: f.a.groupBy("k").agg(f.F.approx_count_distinct("v")),
    "collect_set": lambda f: f.a.groupBy("k").agg(f.F.collect_set("v")),
    "pivot": lambda f: f.a.groupBy("k").pivot("v", [1, 2]).count(),
    "pivot without values": lambda f: f.a.groupBy("k").pivot("v").count(),
    "having": lambda f: f.counted().where("count > 1"),
    "sorted": lambda f: f.counted().orderBy("count"),
    "sorted, unmarked": lambda f: f.a.groupBy("k").count().orderBy("count"),
    "sorted within partitions": lambda f: f.a.groupBy("k").count().sortWithinPartitions("count"),
    "sorted beneath": lambda f: f.w.orderBy("k").groupBy(f.window()).count(),
    "limited": lambda f: f.counted().limit(2),
    "limited, unmarked": lambda f: f.a.groupBy("k").count().limit(2),
    "sorted and limited": lambda f: f.a.groupBy("k").count().orderBy("k").limit(2),
    "limited beneath": lambda f: f.a.limit(2).groupBy("k").count(),
    "limited beneath, marked": lambda f: f.w.limit(2).groupBy(f.window()).count(),
    "offset above": lambda f: f.a.groupBy("k").count().offset(1),
    "sampled above": lambda f: f.a.groupBy("k").count().sample(0.5),
    "row_number above": lambda f: f.ranked(f.a.groupBy("k").count(), "count"),
    "watermark above": lambda f: f.a.groupBy(f.window()).count().withWatermark("window", "5 seconds"),
    "watermark above by column": lambda f: f.a.groupBy("ts").count().withWatermark("ts", "5 seconds"),
    "twice": lambda f: f.a.groupBy("k").count().groupBy("count").count(),
    "twice, marked": lambda f: f.counted().groupBy("window").count(),
    "twice, by a column that lost the mark": lambda f: f.counted().groupBy("k").count(),
    "twice, window of window": lambda f: f.counted().groupBy(f.window("window", "1 minute")).count(),
    "twice, of all": lambda f: f.counted().groupBy().count(),
    "over duplicates": lambda f: f.w.dropDuplicates(["k", "ts"]).groupBy(f.window()).count(),
    "over duplicates by key": lambda f: f.w.dropDuplicates(["k"]).groupBy(f.window()).count(),
    "over duplicates, unmarked": lambda f: f.a.dropDuplicates(["k"]).groupBy("k").count(),
    "duplicates of": lambda f: f.counted().dropDuplicates(["window"]),
    "duplicates of, by another key": lambda f: f.counted().dropDuplicates(["k"]),
    "duplicates of unmarked": lambda f: f.a.groupBy("k").count().dropDuplicates(["count"]),
    "duplicates within of": lambda f: f.counted().dropDuplicatesWithinWatermark(["k"]),
    "static above": lambda f: f.counted().join(f.s, f.F.expr("k = sk")),
    "static beneath": lambda f: f.w.join(f.s, f.F.expr("k = sk")).groupBy(f.window(), "sk").count(),
    "session": lambda f: f.w.groupBy(f.session(), "k").count(),
    "session, unmarked": lambda f: f.a.groupBy(f.session(), "k").count(),
    "session without key": lambda f: f.w.groupBy(f.session()).count(),
    "session without key, unmarked": lambda f: f.a.groupBy(f.session()).count(),
    "session over duplicates": lambda f: f.w.dropDuplicates(["k", "ts"]).groupBy(f.session(), "k").count(),
    "window of session": lambda f: f.w.groupBy(f.session(), "k").count().groupBy(f.window("session_window", "1 minute")).count(),
    "session of window": lambda f: f.w.groupBy(f.window(), "k").count().groupBy(f.session("window"), "k").count(),
    "two windows": lambda f: f.w.groupBy(f.window(), f.window("ts", "5 seconds")).count(),
    "window and session": lambda f: f.w.groupBy(f.window(), f.session()).count(),
    "distinct window": lambda f: f.w.select(f.window()).distinct(),
    "udf above": lambda f: f.counted().select(f.F.udf(lambda v: v, "long")("count")),
    "mapInPandas above": lambda f: f.a.groupBy("k").count().mapInPandas(lambda it: it, "k string, count long"),
    "mapInPandas beneath": lambda f: f.a.mapInPandas(lambda it: it, "k string, ts timestamp, v int").groupBy("k").count(),
    "mapInPandas beneath, marked": lambda f: f.w.mapInPandas(lambda it: it, "k string, ts timestamp, v int").groupBy(f.window()).count(),
    "applyInPandas": lambda f: f.a.groupBy("k").applyInPandas(lambda p: p, "k string, ts timestamp, v int"),
    "agg of pandas_udf": lambda f: f.counted().select("window", f.F.expr("count + 1")),
}

DUPLICATES = {
    "all": lambda f: f.a.dropDuplicates(),
    "key": lambda f: f.a.dropDuplicates(["k"]),
    "key, marked": lambda f: f.w.dropDuplicates(["k"]),
    "time": lambda f: f.w.dropDuplicates(["ts"]),
    "distinct": lambda f: f.a.distinct(),
    "distinct, marked": lambda f: f.w.distinct(),
    "distinct key": lambda f: f.w.select("k").distinct(),
    "within": lambda f: f.w.dropDuplicatesWithinWatermark(["k"]),
    "within all": lambda f: f.w.dropDuplicatesWithinWatermark(),
    "within, unmarked": lambda f: f.a.dropDuplicatesWithinWatermark(["k"]),
    "within, mark not selected": lambda f: f.w.select("k").dropDuplicatesWithinWatermark(["k"]),
    "twice": lambda f: f.w.dropDuplicates(["k"]).dropDuplicates(["ts"]),
    "within twice": lambda f: f.w.dropDuplicatesWithinWatermark(["k"]).dropDuplicatesWithinWatermark(["v"]),
    "limited": lambda f: f.w.dropDuplicates(["k"]).limit(2),
    "of limited": lambda f: f.w.limit(2).dropDuplicates(["k"]),
    "sorted": lambda f: f.w.dropDuplicates(["k"]).orderBy("k"),
    "map column": lambda f: f.a.select(f.F.create_map("k", "v").alias("m")).dropDuplicates(),
}

SETS = {
    "union": lambda f: f.a.union(f.b),
    "union, both marked": lambda f: f.w.union(f.x),
    "union, one marked": lambda f: f.w.union(f.b),
    "union of itself": lambda f: f.a.union(f.a),
    "union with static": lambda f: f.a.select("k", "v").union(f.s),
    "static union": lambda f: f.s.union(f.a.select("k", "v")),
    "unionByName": lambda f: f.a.unionByName(f.b, allowMissingColumns=True),
    "union, counted": lambda f: f.w.union(f.x).groupBy(f.window()).count(),
    "union, one marked, counted": lambda f: f.w.union(f.b).groupBy(f.window()).count(),
    "union, marked second, counted": lambda f: f.a.union(f.x).groupBy(f.window()).count(),
    "union of counted": lambda f: f.counted().union(f.counted()),
    "union of counted and not": lambda f: f.a.select("k").union(f.w.groupBy(f.window()).count().selectExpr("cast(count as string) k")),
    "intersect": lambda f: f.a.intersect(f.b),
    "intersect static": lambda f: f.a.select("k", "v").intersect(f.s),
    "static intersect": lambda f: f.s.intersect(f.a.select("k", "v")),
    "intersectAll": lambda f: f.a.intersectAll(f.b),
    "subtract": lambda f: f.a.subtract(f.b),
    "subtract static": lambda f: f.a.select("k", "v").subtract(f.s),
    "static subtract": lambda f: f.s.subtract(f.a.select("k", "v")),
    "exceptAll": lambda f: f.a.exceptAll(f.b),
    "exceptAll static": lambda f: f.a.select("k", "v").exceptAll(f.s),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain(check, f, name):
    check(answers(f, PLAIN[name]))


@pytest.mark.parametrize("name", AGGREGATES)
def test_aggregates(check, f, name):
    check(answers(f, AGGREGATES[name]))


@pytest.mark.parametrize("name", DUPLICATES)
def test_duplicates(check, f, name):
    check(answers(f, DUPLICATES[name]))


@pytest.mark.parametrize("name", SETS)
def test_sets(check, f, name):
    check(answers(f, SETS[name]))


@pytest.mark.parametrize("kind", JOINS)
@pytest.mark.parametrize("sides", ["stream static", "static stream"])
def test_join_with_static(check, f, sides, kind):
    left, right = (f.a, f.s) if sides == "stream static" else (f.s, f.a)
    how = (lambda f: left.crossJoin(right)) if kind == "cross" else lambda f: left.join(right, f.F.expr("k = sk"), kind)
    check(answers(f, how))
    if kind not in ("cross", "inner"):
        check(answers(f, lambda f: left.join(right, f.F.expr("n > v"), kind), ["append"]))


SIDES = {"none": ("a", "b"), "left": ("w", "b"), "right": ("a", "x"), "both": ("w", "x")}
CONDITIONS = {
    "key": "k = k2",
    "range": "k = k2 and ts2 >= ts and ts2 <= ts + interval 5 seconds",
    "range other way": "k = k2 and ts >= ts2 and ts <= ts2 + interval 5 seconds",
    "lower only": "k = k2 and ts2 > ts - interval 5 seconds",
    "upper only": "k = k2 and ts2 < ts + interval 5 seconds",
    "time": "ts = ts2",
    "key and time": "k = k2 and ts = ts2",
    "no equality": "ts2 between ts and ts + interval 5 seconds",
}


@pytest.mark.parametrize("kind", JOINS)
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_join_of_streams(check, f, condition, sides, kind):
    left, right = (getattr(f, name) for name in SIDES[sides])
    if kind == "cross":
        check(answers(f, lambda f: left.crossJoin(right).where(CONDITIONS[condition])))
    else:
        check(answers(f, lambda f: left.join(right, f.F.expr(CONDITIONS[condition]), kind)))


def joined(f, kind="inner"):
    return f.w.join(f.x, f.F.expr(CONDITIONS["range"]), kind)


def equal(f, kind="inner"):
    return f.w.join(f.x, f.F.expr(CONDITIONS["key and time"]), kind)


OVER_JOINS = {
    "counted": lambda f: joined(f).groupBy(f.window()).count(),
    "counted by the other time": lambda f: joined(f).groupBy(f.window("ts2")).count(),
    "counted by both times": lambda f: joined(f).groupBy("ts", "ts2").count(),
    "counted, equal": lambda f: equal(f).groupBy(f.window()).count(),
    "counted, left": lambda f: joined(f, "left").groupBy(f.window()).count(),
    "counted, semi": lambda f: joined(f, "left_semi").groupBy(f.window()).count(),
    "duplicates": lambda f: joined(f).dropDuplicates(["k"]),
    "duplicates by time": lambda f: joined(f).dropDuplicates(["ts"]),
    "duplicates within": lambda f: joined(f).dropDuplicatesWithinWatermark(["k"]),
    "limited": lambda f: joined(f).limit(3),
    "joined again": lambda f: joined(f).join(f.a.withWatermark("ts", "5 seconds").toDF("k3", "ts3", "v3"), f.F.expr("k = k3 and ts3 >= ts and ts3 <= ts + interval 5 seconds")),
    "of windows": lambda f: f.counted().join(f.x.groupBy(f.window("ts2"), "k2").count().toDF("window2", "k2", "n2"), f.F.expr("window = window2")),
    "of duplicates": lambda f: f.w.dropDuplicates(["k", "ts"]).join(f.x, f.F.expr(CONDITIONS["range"])),
    "of limited": lambda f: f.w.limit(3).join(f.x, f.F.expr(CONDITIONS["range"])),
    "self": lambda f: f.w.join(f.w.toDF("k2", "ts2", "v2"), f.F.expr(CONDITIONS["range"])),
    "sorted": lambda f: joined(f).orderBy("k"),
    "watermark above": lambda f: joined(f).withWatermark("ts", "5 seconds"),
}


@pytest.mark.parametrize("name", OVER_JOINS)
def test_over_joins(check, f, name):
    check(answers(f, OVER_JOINS[name]))


STATES = {
    "alone": lambda f, mode, timeout: f.with_state(f.a, mode, timeout),
    "marked": lambda f, mode, timeout: f.with_state(f.w, mode, timeout),
    "counted": lambda f, mode, timeout: f.with_state(f.w, mode, timeout).groupBy("k").count(),
    "counted with a watermark above": lambda f, mode, timeout: f.with_state(f.a, mode, timeout).withWatermark("ts", "1 second").groupBy("ts").count(),
    "over windows": lambda f, mode, timeout: f.with_state(f.counted().selectExpr("k", "window.start ts"), mode, timeout),
    "twice": lambda f, mode, timeout: f.with_state(f.with_state(f.a, mode, timeout), mode, timeout),
    "duplicates": lambda f, mode, timeout: f.with_state(f.w, mode, timeout).dropDuplicates(["k"]),
    "over duplicates": lambda f, mode, timeout: f.with_state(f.w.dropDuplicates(["k"]), mode, timeout),
    "limited": lambda f, mode, timeout: f.with_state(f.w, mode, timeout).limit(1),
    "joined with static": lambda f, mode, timeout: f.with_state(f.w, mode, timeout).join(f.s, f.F.expr("k = sk")),
}


@pytest.mark.parametrize("timeout", ["NoTimeout", "EventTimeTimeout", "ProcessingTimeTimeout"])
@pytest.mark.parametrize("mode", ["append", "update"])
@pytest.mark.parametrize("name", STATES)
def test_apply_with_state(check, f, name, mode, timeout):
    check(answers(f, lambda f: STATES[name](f, mode, timeout)))


UNCHECKED = {
    "twice": AGGREGATES["twice, marked"],
    "twice, unmarked": AGGREGATES["twice"],
    "duplicates of": AGGREGATES["duplicates of"],
    "over a join": OVER_JOINS["counted"],
    "with state": lambda f: f.with_state(f.w, "append", "EventTimeTimeout").withWatermark("ts", "1 second").groupBy("ts").count(),
}


@pytest.mark.parametrize("name", UNCHECKED)
def test_without_the_check_of_correctness(check, f, conf, name):
    conf("spark.sql.streaming.statefulOperator.checkCorrectness.enabled", "false")
    check(answers(f, UNCHECKED[name]))


@pytest.mark.parametrize("name", ["twice, marked", "over duplicates", "duplicates of"])
def test_with_one_watermark(check, f, conf, name):
    conf("spark.sql.streaming.statefulOperator.allowMultiple", "false")
    check(answers(f, AGGREGATES[name]))


SINKS = ["json", "parquet", "csv", "text", "orc", "console", "memory", "noop", "kafka", "delta", "rate", "socket", "jdbc"]


@pytest.mark.parametrize("mode", [*MODES, "foo", ""])
@pytest.mark.parametrize("sink", SINKS)
def test_sinks(check, f, tmp_path, sink, mode):
    def start():
        d = f.a.groupBy("k").count() if mode == "complete" else f.a.select("k")
        w = d.writeStream.format(sink).outputMode(mode).option("checkpointLocation", str(tmp_path / "c"))
        w = w.queryName("sunk") if sink == "memory" else w
        return w.start(str(tmp_path / "o")) if sink not in ("console", "memory", "noop") else w.start()

    try:
        check(started(start))
    except Exception as e:
        check(type(e).__name__)


@pytest.mark.parametrize("mode", [*MODES, "foo"])
def test_foreach_batch(check, f, mode):
    for d in [f.a.select("k"), f.a.groupBy("k").count(), f.counted()]:
        check(started(lambda: d.writeStream.foreachBatch(lambda frame, i: None).outputMode(mode).start()))


@pytest.mark.parametrize("mode", MODES)
def test_foreach(check, f, mode):
    for d in [f.a.select("k"), f.a.groupBy("k").count()]:
        check(started(lambda: d.writeStream.foreach(print).outputMode(mode).start()))


@pytest.mark.parametrize("mode", MODES)
def test_no_checkpoint(check, f, tmp_path, mode):
    d = f.a.groupBy("k").count() if mode == "complete" else f.a.select("k")
    for sink in ["json", "memory"]:
        check(started(lambda: d.writeStream.format(sink).outputMode(mode).start(str(tmp_path / "o"))))
    check(started(lambda: f.s.writeStream.format("noop").outputMode(mode).start()))
