"""Aggregation, limit, duplicates on streams, and several of them in one query: the cases of section 2 and what they rest on."""

import pytest

from streams import WAYS, Feed, available, outcome, run, steps, with_rows

MODES = ["append", "update", "complete"]


def with_states(r):
    return [*outcome(r), r.states()]


@pytest.mark.parametrize("way", WAYS)
def test_g1_limit_before_an_aggregate(check, feed, way):
    d = feed.frame().limit(5).groupBy().count()
    check(with_states(run(way, d, [(feed, "a b c d"), (feed, "e f g h"), (feed, "i")], "complete")))


@pytest.mark.parametrize("way", WAYS)
def test_g1_limit_for_the_life_of_a_query(check, feed, way):
    r = run(way, feed.frame().limit(5), [(feed, "a b c d"), (feed, "e f g h"), (feed, "i")])
    check([[len(rows) for _, rows in r.batches], r.states()])


def test_g1_limit_over_restarts(check, feed, tmp_path):
    got = []
    for texts in [["a b"], ["c d", "e"], ["f g"], ["h"]]:
        r = steps(feed.frame().limit(5), [(feed, t) for t in texts], checkpoint=tmp_path / "c")
        got.append([[len(rows) for _, rows in r.batches], r.states()])
    check(got)


@pytest.mark.parametrize("n", [0, 1, 100])
def test_g1_other_limits(check, feed, n):
    r = steps(feed.frame().limit(n), [(feed, "a"), (feed, "b c")])
    check([[len(rows) for _, rows in r.batches], r.states()])
    r = available(feed.frame().limit(3).select("k").limit(2))
    check([[len(rows) for _, rows in r.batches], r.states()])


def test_g1_limit_of_aggregates(check, feed, F):
    d = feed.frame().groupBy("k").count()
    check(steps(d.orderBy(F.desc("count"), "k").limit(2), [(feed, "a b b"), (feed, "c c c")], "complete", ordered=True).batches)
    check([len(rows) for _, rows in available(d.limit(2), "complete").batches])
    windowed = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count().select("window.start")
    r = steps(windowed.limit(2), [(feed, "a@00:01 a@00:11 a@00:21 a@00:31 a@00:41"), (feed, "a@01:01")])
    check([[len(rows) for _, rows in r.batches], r.states()])


@pytest.mark.parametrize("way", WAYS)
def test_g2_limit_over_duplicates(check, feed, way):
    d = feed.frame().dropDuplicates(["k"]).limit(4).select("k")
    r = run(way, d, [(feed, "a b c"), (feed, "a c d"), (feed, "e f"), (feed, "a e")])
    check(with_states(r))


def test_g2_duplicates_over_a_limit(check, feed):
    check(with_states(steps(feed.frame().limit(4).dropDuplicates(["k"]).select("k"), [(feed, "a a b"), (feed, "a"), (feed, "c")])))


G3 = {
    "complete without aggregate": (lambda d, F: d, "complete"),
    "append without watermark": (lambda d, F: d.groupBy("k").count(), "append"),
    "session in update": (lambda d, F: d.withWatermark("ts", "5 seconds").groupBy(F.session_window("ts", "5 seconds"), "k").count(), "update"),
    "row_number": (lambda d, F: d.selectExpr("row_number() over (partition by k order by ts) r"), "append"),
    "countDistinct": (lambda d, F: d.agg(F.countDistinct("k")), "update"),
    "orderBy": (lambda d, F: d.orderBy("k"), "append"),
    "two aggregates": (lambda d, F: d.groupBy("k").count().groupBy("count").count(), "complete"),
    "mode": (lambda d, F: d, "foo"),
}


@pytest.mark.parametrize("name", G3)
def test_g3_modes(check_error, feed, F, name):
    make, mode = G3[name]
    check_error(lambda: make(feed.frame(), F).writeStream.format("noop").outputMode(mode).start())


@pytest.mark.parametrize("mode", ["update", "complete"])
def test_g3_json_sink(check_error, feed, tmp_path, mode):
    check_error(lambda: feed.frame().groupBy("k").count().writeStream.format("json").outputMode(mode).option("checkpointLocation", str(tmp_path / "c")).start(str(tmp_path / "o")))


def test_g3_pivot(check_error, feed, F):
    check_error(lambda: feed.frame().groupBy("k").pivot("v", [1, 2]).count().writeStream.format("noop").outputMode("update").start())


def test_g3_batch_actions(check_error, feed, tmp_path):
    d = feed.frame()
    for action in [d.collect, d.show, lambda: d.write.json(str(tmp_path / "o")), d.dropDuplicates(["k"]).count, d.limit(1).collect]:
        check_error(action)


@pytest.mark.parametrize("way", WAYS)
def test_g4_update(check, feed, way):
    check(with_states(run(way, feed.frame().groupBy("k").count(), [(feed, "a b"), (feed, "a")], "update")))


@pytest.mark.parametrize("way", WAYS)
def test_g4_complete(check, feed, F, way):
    d = feed.frame().groupBy("k").count().orderBy(F.desc("count"))
    check(run(way, d, [(feed, "a b"), (feed, "b")], "complete", ordered=True).batches[-1])


@pytest.mark.parametrize("way", WAYS)
def test_g5_types(check, spark, tmp_path, F, way):
    feed = Feed(spark, tmp_path / "decimals")
    feed.write('{"k":"a","d":1.10,"v":2147483647}\n{"k":"a","d":2.25,"v":2147483647}\n')
    feed.write('{"k":"a"}\n{"k":"b"}\n')
    d = feed.frame("k string, d decimal(10,2), v int").groupBy("k").agg(F.sum("d"), F.avg("d"), F.count("d"), F.count("*"), F.sum("v"), F.avg("v"), F.collect_list("v"), F.min("d"), F.max("d"))
    check(d.schema)
    check(run(way, d, [], "update").batches)


def test_g5_collect_list_keeps_order(check, feed, F):
    d = feed.frame().groupBy("k").agg(F.collect_list("v"), F.first("v"), F.last("v"))
    check(steps(d, [(feed, "a=3 a=1 b=9"), (feed, "a=2 b=4 a=0"), (feed, "a=7")], "complete").batches)


G7 = ["a@01:00", "b@00:05", "a@02:00 c@02:00"]


def test_g7_late_duplicates(check, feed):
    d = feed.frame().withWatermark("ts", "10 seconds").dropDuplicates(["k"]).select("k", "ts")
    check(with_states(steps(d, [(feed, t) for t in G7])))


def test_g7_late_duplicates_whose_time_is_not_selected(check, feed):
    d = feed.frame().withWatermark("ts", "10 seconds").dropDuplicates(["k"]).select("k")
    r = steps(d, [(feed, t) for t in G7])
    check(with_rows(r.batches), ours=[[0, [["a"]]], [3, [["c"]]]])


@pytest.mark.parametrize("way", WAYS)
def test_g8_state_that_stays(check, feed, way):
    d = feed.frame().withWatermark("ts", "10 seconds").dropDuplicates(["k"]).select("k", "ts")
    check(with_states(run(way, d, [(feed, "a@00:01 b@00:02"), (feed, "c@09:30"), (feed, "a@09:40 d@00:03"), (feed, "b@09:50")])))


KEYS = {"k": ["k"], "time": ["ts"], "both": ["k", "ts"], "all": None, "v": ["v", "k"]}
TEXTS = ["a@00:10=1 a@00:10=1 b@00:10=1 a@00:11=2", "a@00:10=1 a@00:30=1 =1 b@00:31", "b@00:25=5 a@00:05=1 c@00:24=1", "a@01:00=1 a@01:00=1", "a@00:30=1 a@00:56=3 b@00:55=5", "c@02:00"]


@pytest.mark.parametrize("mode", ["append", "update"])
@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("way", WAYS)
def test_drop_duplicates(check, feed, way, keys, mode):
    d = feed.frame().withWatermark("ts", "5 seconds").dropDuplicates(KEYS[keys]).select("k", "ts", "v")
    check(with_states(run(way, d, [(feed, t) for t in TEXTS], mode)))


@pytest.mark.parametrize("keys", KEYS)
def test_drop_duplicates_without_a_watermark(check, feed, keys):
    d = feed.frame().dropDuplicates(KEYS[keys]).select("k", "ts", "v")
    check(with_states(steps(d, [(feed, t) for t in TEXTS])))


@pytest.mark.parametrize("mode", ["append", "update"])
@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize("way", WAYS)
def test_drop_duplicates_within_watermark(check, feed, way, keys, mode):
    d = feed.frame().withWatermark("ts", "5 seconds").dropDuplicatesWithinWatermark(KEYS[keys]).select("k", "ts", "v")
    check(with_states(run(way, d, [(feed, t) for t in TEXTS], mode)))


@pytest.mark.parametrize("delay", ["0 seconds", "1 month", "1500 microseconds", "20 seconds"])
def test_within_other_delays(check, feed, delay):
    d = feed.frame().withWatermark("ts", delay).dropDuplicatesWithinWatermark(["k"]).select("k", "ts")
    check(with_states(steps(d, [(feed, "a@00:10 a@00:10 b@00:11"), (feed, "a@00:10 b@00:12"), (feed, "a@00:40 b@00:30 c@00:31"), (feed, "a@00:41 c@00:59")])))


def test_within_needs_a_watermark(check_error, feed, spark):
    check_error(lambda: feed.frame().dropDuplicatesWithinWatermark(["k"]).writeStream.format("noop").start())
    check_error(lambda: feed.frame().dropDuplicatesWithinWatermark().writeStream.format("noop").start())
    check_error(lambda: spark.range(3).dropDuplicatesWithinWatermark(["id"]).collect())
    check_error(lambda: feed.frame().dropDuplicatesWithinWatermark("k"))
    check_error(lambda: feed.frame().dropDuplicatesWithinWatermark(["nope"]))
    check_error(lambda: feed.frame().dropDuplicates(["nope"]))
    check_error(lambda: feed.frame().dropDuplicates("k"))


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_duplicates_over_restarts(check, feed, tmp_path, way, within):
    d = feed.frame().withWatermark("ts", "5 seconds")
    d = (d.dropDuplicatesWithinWatermark(["k"]) if within else d.dropDuplicates(["k", "ts"])).select("k", "ts")
    for texts in [["a@00:10 b@00:11"], ["a@00:10 b@00:12", "c@00:30"], ["a@00:10 c@00:30 a@00:26"], ["d@01:00", "c@00:58 a@00:26 c@01:00"]]:
        check(with_states(run(way, d, [(feed, t) for t in texts], checkpoint=tmp_path / "c")))


def test_first_of_equal_rows_comes(check, feed):
    check(steps(feed.frame().dropDuplicates(["k"]).select("k", "v"), [(feed, "a=3 a=1 b=2 a=9 b=0"), (feed, "a=0 c=5 c=4")]).batches)


@pytest.mark.parametrize("mode", MODES)
def test_distinct(check, feed, spark, mode):
    d = feed.frame().withWatermark("ts", "5 seconds").select("k", "ts")
    texts = ["a@00:10 a@00:10 b@00:11", "a@00:10 c@00:30", "a@00:26 c@00:30"]
    check.outcome(lambda: with_states(run("steps", d.distinct(), [(feed, t) for t in texts], mode)))


@pytest.mark.parametrize("mode", MODES)
def test_distinct_of_sql(check, feed, spark, mode):
    feed.frame().withWatermark("ts", "5 seconds").createOrReplaceTempView("dups")
    d = spark.sql("select distinct k, ts from dups")
    texts = ["a@00:10 a@00:10 b@00:11", "a@00:10 c@00:30", "a@00:26 c@00:30"]
    check.outcome(lambda: with_states(run("steps", d, [(feed, t) for t in texts], mode)))


@pytest.mark.parametrize("mode", MODES)
def test_aggregate_of_distinct_rows(check, feed, F, mode):
    d = feed.frame().withWatermark("ts", "5 seconds").dropDuplicates(["k", "ts"]).groupBy(F.window("ts", "10 seconds")).agg(F.count("*").alias("n"), F.sum("v").alias("s")).select("window.start", "n", "s")
    check(with_states(steps(d, [(feed, t) for t in TEXTS], mode)))


CHAINS = {
    "aggregate of windows": lambda d, F: d.groupBy(F.window("ts", "10 seconds"), "k").count().groupBy("window").agg(F.count("*").alias("n"), F.sum("count").alias("s")).select("window.start", "n", "s"),
    "wider windows": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().groupBy(F.window("window", "10 seconds")).agg(F.sum("count").alias("s"), F.count("*").alias("n")).select("window.start", "s", "n"),
    "window_time": lambda d, F: d.groupBy(F.window("ts", "5 seconds")).count().select(F.window_time("window").alias("t"), "count").groupBy(F.window("t", "10 seconds")).agg(F.sum("count").alias("s")).select("window.start", "s"),
    "three": lambda d, F: d.dropDuplicates(["k", "ts"]).groupBy(F.window("ts", "5 seconds"), "k").count().groupBy("window").agg(F.max("count").alias("m")).select("window.start", "m"),
    "within, then windows": lambda d, F: d.dropDuplicatesWithinWatermark(["k"]).groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count"),
    "duplicates of windows": lambda d, F: d.groupBy(F.window("ts", "10 seconds"), "k").count().select("window", "count").dropDuplicates(["window", "count"]).select("window.start", "count"),
    "duplicates of duplicates": lambda d, F: d.dropDuplicates(["k", "ts"]).dropDuplicates(["ts"]).select("ts"),
    "limit of duplicates of windows": lambda d, F: d.groupBy(F.window("ts", "10 seconds"), "k").count().select("window", "count").dropDuplicates(["window"]).limit(3).select("window.start"),
    "windows of a limit": lambda d, F: d.limit(6).groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("way", WAYS)
def test_chains(check, feed, F, way, name, mode):
    d = CHAINS[name](feed.frame().withWatermark("ts", "5 seconds"), F)
    check.outcome(lambda: with_states(run(way, d, [(feed, t) for t in TEXTS], mode)))


@pytest.mark.parametrize("mode", ["update", "complete"])
@pytest.mark.parametrize("name", ["aggregate of windows", "wider windows", "duplicates of windows"])
def test_chains_unchecked(check, feed, F, conf, name, mode):
    conf("spark.sql.streaming.statefulOperator.checkCorrectness.enabled", "false")
    d = CHAINS[name](feed.frame().withWatermark("ts", "5 seconds"), F)
    check.outcome(lambda: with_states(steps(d, [(feed, t) for t in TEXTS], mode)))


@pytest.mark.parametrize("name", ["aggregate of windows", "three", "within, then windows", "duplicates of duplicates"])
def test_chains_with_one_watermark(check, feed, F, conf, name):
    conf("spark.sql.streaming.statefulOperator.allowMultiple", "false")
    d = CHAINS[name](feed.frame().withWatermark("ts", "5 seconds"), F)
    check.outcome(lambda: with_states(steps(d, [(feed, t) for t in TEXTS])))


@pytest.mark.parametrize("name", CHAINS)
def test_chains_over_restarts(check, feed, F, tmp_path, name):
    d = CHAINS[name](feed.frame().withWatermark("ts", "5 seconds"), F)
    check([with_states(run("available", d, [(feed, t) for t in texts], checkpoint=tmp_path / "c")) for texts in [TEXTS[:2], TEXTS[2:3], TEXTS[3:]]])


def test_union_of_stateful_streams(check, spark, tmp_path, F):
    a, b = Feed(spark, tmp_path / "a"), Feed(spark, tmp_path / "b")
    left = a.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count()
    right = b.frame().withWatermark("ts", "10 seconds").dropDuplicates(["ts"]).groupBy(F.window("ts", "5 seconds")).count()
    d = left.union(right).select("window.start", "count")
    check(with_states(steps(d, [(a, "x@00:01 x@00:15"), (b, "x@00:01 x@00:01 x@00:09"), (a, "x@01:00"), (b, "x@01:00"), (a, "x@00:30 x@02:00")])))


SCHEMAS = {
    "source": lambda d, o, F: d,
    "aggregate": lambda d, o, F: d.groupBy("one").agg(F.count("*"), F.collect_list("one"), F.sum("one"), F.max("arr"), F.first("s")),
    "aggregate of all": lambda d, o, F: d.agg(F.count("*")),
    "by struct": lambda d, o, F: d.groupBy("s", "arr").count(),
    "window": lambda d, o, F: d.groupBy(F.window("ts", "5 seconds"), "one").count(),
    "sliding": lambda d, o, F: d.groupBy(F.window("ts", "5 seconds", "2 seconds"), "one").count(),
    "session": lambda d, o, F: d.groupBy(F.session_window("ts", "5 seconds"), "one").count(),
    "duplicates": lambda d, o, F: d.dropDuplicates(["one"]),
    "distinct": lambda d, o, F: d.distinct(),
    "within": lambda d, o, F: d.dropDuplicatesWithinWatermark(["one"]),
    "limit": lambda d, o, F: d.limit(3),
    "above": lambda d, o, F: d.groupBy("one").count().select("one", F.lit(2).alias("two"), (F.col("count") + 1).alias("n")),
    "static join": lambda d, o, F: d.join(d.sparkSession.range(3), F.expr("one = id")),
    "static left join": lambda d, o, F: d.join(d.sparkSession.range(3), F.expr("one = id"), "left"),
    "join": lambda d, o, F: d.join(o, F.expr("one = id")),
    "semi join": lambda d, o, F: d.join(o.withWatermark("at", "1 second"), F.expr("one = id and ts = at"), "left_semi"),
    "union": lambda d, o, F: d.select("one").union(o.select("id")),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_of_stateful_frames(check, feed, F, name):
    d = feed.frame().withWatermark("ts", "5 seconds").select(F.lit(1).alias("one"), F.array(F.lit(1)).alias("arr"), F.struct(F.lit(1).alias("x")).alias("s"), "ts", "k")
    other = feed.frame().select(F.lit(1).alias("id"), F.col("ts").alias("at"))
    check(SCHEMAS[name](d, other, F).schema)
