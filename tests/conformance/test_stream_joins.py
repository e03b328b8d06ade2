"""Joins of two streams, and of a stream with a table: batch by batch, with what state says, in steps and all at once."""

import pytest

from streams import Feed, available, steps, with_rows

KINDS = ["inner", "left", "right", "full", "left_semi"]
RANGE = "lk = rk AND rts >= lts AND rts <= lts + INTERVAL 5 SECONDS"


@pytest.fixture
def feeds(spark, tmp_path):
    return Feed(spark, tmp_path / "l"), Feed(spark, tmp_path / "r")


def sides(feeds, F, left="0 seconds", right="0 seconds"):
    """Both streams with columns of their own names, and watermarks unless they are None."""
    out = []
    for feed, s, delay in zip(feeds, "lr", [left, right]):
        d = feed.frame().select(F.col("k").alias(f"{s}k"), F.col("ts").alias(f"{s}ts"), F.col("v").alias(f"{s}v"))
        out.append(d.withWatermark(f"{s}ts", delay) if delay else d)
    return out


def windows(feeds, F, columns=("k", "w", "v")):
    out = []
    for feed, s in zip(feeds, "lr"):
        d = feed.frame().withWatermark("ts", "0 seconds").select(F.col("k").alias(f"{s}k"), F.window("ts", "10 seconds").alias(f"{s}w"), F.col("v").alias(f"{s}v"))
        out.append(d.select([s + c for c in columns]))
    return out


def state(run):
    """Of each batch: its watermark, then rows, updated, removed and dropped of each operator."""
    operators = lambda p: sorted([s["operatorName"], s["numRowsTotal"], s["numRowsUpdated"], s["numRowsRemoved"], s["numRowsDroppedByWatermark"]] for s in p["stateOperators"])
    return [[p["batchId"], p["eventTime"].get("watermark"), operators(p)] for p in run.progresses]


def outcome(run):
    return [with_rows(run.batches), state(run)]


def paired(feeds, texts):
    """l:a@00:01 goes to the left, r:… to the right."""
    return [(feeds["lr".index(t[0])], t[2:]) for t in texts]


def ran(way, frame, feeds, texts, mode="append", **more):
    if way == "steps":
        return steps(frame, paired(feeds, texts), mode, **more)
    for feed, text in paired(feeds, texts):
        feed.add(text)
    return available(frame, mode, **more)


TEXTS = ["l:a@00:10=1 b@00:11=2 a@00:12=3", "r:a@00:12=1 c@00:12=3 a@00:12=9", "l:a@00:20=4 c@00:14=5 d@00:21=2", "r:z@00:30 d@00:22=5 d@00:23=6", "l:z@00:30=7 b@00:05", "r:a@00:22 b@00:11 c@01:00=4", "l:b@01:00=1"]


@pytest.mark.parametrize("kind", KINDS)
def test_restart(check, feeds, F, tmp_path, kind):
    left, right = sides(feeds, F, "2 seconds", "5 seconds")
    texts = TEXTS[:4] + ["l:@01:20=1 a@01:21", "r:a@01:22=1", "r:q@02:00", "l:q@03:00"]
    runs = [outcome(ran("steps", left.join(right, F.expr(RANGE), kind), feeds, some, checkpoint=tmp_path / "c")) for some in (texts[:2], texts[2:3], texts[3:])]
    check(runs)


@pytest.mark.parametrize("kind", ["inner", "left", "right"])
@pytest.mark.parametrize("marked", ["left", "right"])
def test_one_watermark(check, feeds, F, kind, marked):
    left, right = sides(feeds, F, "0 seconds" if marked == "left" else None, "0 seconds" if marked == "right" else None)
    texts = ["l:a@00:10", "r:a@00:10", "l:b@00:20", "r:c@00:20", "r:d@00:10", "l:d@00:10"]
    check(outcome(ran("steps", left.join(right, F.expr("lk = rk AND lts = rts"), kind), feeds, texts)))


@pytest.mark.parametrize("mode", ["append", "update"])
@pytest.mark.parametrize("delay", [None, "0 seconds"])
def test_keys_alone(check, feeds, F, mode, delay):
    left, right = sides(feeds, F, delay, delay)
    texts = ["l:a@00:10=1 a=2", "r:a@00:10=3 b", "l:z@01:00 =1", "r:z@01:00 =2", "l:a@00:01=4", "r:a@00:02=5"]
    check(outcome(ran("steps", left.join(right, F.expr("lk = rk")), feeds, texts, mode)))


def test_time_that_nobody_reads(check, feeds, F):
    left, right = sides(feeds, F)
    texts = ["l:a@00:10=1", "r:a@00:10", "l:z@01:00", "r:z@01:00", "l:a@00:01=2", "r:a@00:02"]
    check(outcome(ran("steps", left.join(right, F.expr("lk = rk")).select("lk", "lv"), feeds, texts)))


@pytest.mark.parametrize("kind", ["inner", "left", "left_semi"])
def test_rows_without_key_or_time(check, feeds, F, kind):
    left, right = sides(feeds, F)
    texts = ["l:a@00:10=1 a=2 @00:11=3", "r:a@00:10=1 a=2 @00:12", "l:@05:00", "r:@05:00", "r:a@00:11", "l:a@06:00", "r:a@06:00"]
    check(outcome(ran("steps", left.join(right, F.expr(RANGE), kind), feeds, texts)))


@pytest.mark.parametrize("kind", ["inner", "left", "right"])
def test_condition_carried_over(check, feeds, F, kind):
    left, right = sides(feeds, F)
    left, right = (left, right.where("rk = 'a'")) if kind == "right" else (left.where("lk = 'a'"), right)
    check(outcome(ran("steps", left.join(right, F.expr(RANGE), kind), feeds, ["l:a@00:10 b@07:00", "r:a@00:10 b@05:00", "l:a@05:00", "r:a@06:00"])))


@pytest.mark.parametrize("kind", ["inner", "full"])
def test_null_safe_key(check, feeds, F, kind):
    left, right = sides(feeds, F)
    check(outcome(ran("steps", left.join(right, F.expr("lk <=> rk AND lts = rts"), kind), feeds, ["l:a@00:10 @00:10", "r:@00:10 a@00:10", "l:z@01:00", "r:y@01:00"])))


def test_several_event_times(check, feeds, F):
    left = feeds[0].frame().withWatermark("ts", "0 seconds").select(F.col("k").alias("lk"), "ts", F.window("ts", "10 seconds").alias("lw"))
    right = windows(feeds, F)[1]
    feeds[0].add("a@00:10")
    check.outcome(lambda: available(left.join(right, F.expr("lk = rk AND lw = rw"))).batches)


def test_without_equality(check, feeds, F):
    left, right = sides(feeds, F)
    feeds[0].add("a@00:10")
    check.outcome(lambda: available(left.join(right, F.expr("lts < rts"))).batches)


@pytest.mark.parametrize("kind", ["inner", "left"])
def test_aggregate_after_window_join(check, feeds, F, kind):
    left, right = windows(feeds, F)
    d = left.join(right, F.expr("lk = rk AND lw = rw"), kind).groupBy("lw").agg(F.count("*"), F.sum("rv")).select("lw.start", "count(1)", "sum(rv)")
    check(outcome(ran("steps", d, feeds, ["l:a@00:10 b@00:11", "r:a@00:12=4 a@00:13=5", "r:b@05:00", "l:a@05:00", "l:a@06:00", "r:a@06:00", "l:b@09:00", "r:b@09:00"])))


@pytest.mark.parametrize("by", ["lts", "rts"])
def test_aggregate_after_range_join(check, feeds, F, by):
    left, right = sides(feeds, F)
    d = left.join(right, F.expr(RANGE)).groupBy(F.window(by, "10 seconds")).count().select("window.start", "count")
    check(outcome(ran("steps", d, feeds, ["l:a@00:10", "r:a@00:11", "r:b@05:00", "l:a@05:00", "l:a@06:00", "r:a@06:00", "r:a@09:00", "l:a@09:00"])))


def test_deduplication_before_join(check, feeds, F):
    left, right = sides(feeds, F)
    d = left.dropDuplicates(["lk", "lts"]).join(right, F.expr(RANGE), "left")
    check(outcome(ran("steps", d, feeds, ["l:a@00:10 a@00:10=2", "r:a@00:11", "l:a@00:10 b@01:00", "r:b@02:00", "l:z@03:00", "r:z@03:00"])))


def test_join_of_joins(check, feeds, spark, F, tmp_path):
    left, right = sides(feeds, F)
    third = Feed(spark, tmp_path / "t")
    d = third.frame().withWatermark("ts", "0 seconds").select(F.col("k").alias("tk"), F.col("ts").alias("tts"))
    j = left.join(right, F.expr("lk = rk AND lts = rts"), "left").select("lk", "lts", "rv").join(d, F.expr("lk = tk AND lts = tts"))
    check(outcome(steps(j, [(feeds[0], "a@00:10"), (third, "a@00:10"), (feeds[1], "z@01:00"), (feeds[0], "z@01:00"), (third, "z@01:00"), (third, "y@02:00")])))


def test_one_side_of_another_delay(check, feeds, F):
    left, right = sides(feeds, F, "10 seconds", "1 minute")
    check(outcome(ran("steps", left.join(right, F.expr(RANGE), "left"), feeds, ["l:a@02:00 b@02:01", "r:b@02:03", "l:z@04:00", "r:z@04:00", "l:b@02:59", "r:y@08:00"])))


@pytest.mark.parametrize("policy", ["min", "max"])
def test_watermark_policy(check, conf, feeds, F, policy):
    conf("spark.sql.streaming.multipleWatermarkPolicy", policy)
    left, right = sides(feeds, F)
    check(outcome(ran("steps", left.join(right, F.expr(RANGE), "left"), feeds, ["l:a@00:10", "r:a@00:11", "l:b@01:00", "l:c@02:00", "r:b@00:59"])))


def test_nested_and_wide_columns(check, feeds, F):
    left, right = sides(feeds, F)
    left = left.withColumn("m", F.create_map("lk", "lv")).withColumn("l", F.array("lv", F.lit(None).cast("int"))).withColumn("d", F.col("lv").cast("decimal(10,2)")).withColumn("b", F.col("lv") > 1).withColumn("x", F.struct("lk", F.struct("lv")))
    check(outcome(ran("steps", left.join(right, F.expr(RANGE), "left"), feeds, ["l:a@00:10=1 b@00:11=2", "l:a@00:12 c@00:09=5", "r:a@00:12=1", "r:z@01:00", "l:z@02:00"])))


# The cases


def test_j2_outer_rows_wait_for_the_idle_side(check, feeds, F):
    left, right = sides(feeds, F)
    on = "lk = rk AND lts <= rts AND rts <= lts + INTERVAL 5 SECONDS"
    check(outcome(ran("steps", left.join(right, F.expr(on), "left"), feeds, ["l:a@00:10", "r:q@00:10", "l:b@05:00", "l:c@10:00", "r:y@04:00"])))


@pytest.mark.parametrize("way", ["steps", "available"])
@pytest.mark.parametrize("kind", ["inner", "left_semi", "left"])
def test_j3_null_keys(check, feeds, F, kind, way):
    left, right = sides(feeds, F)
    check(with_rows(ran(way, left.join(right, F.expr("lk = rk AND lts = rts"), kind), feeds, ["l:@00:10=1", "r:@00:10=2", "l:z@00:30", "r:z@00:30", "l:z2@01:30", "r:z2@01:30"]).batches))


def test_j3_null_keys_of_a_full_join(check, feeds, F):
    left, right = sides(feeds, F)
    run = ran("steps", left.join(right, F.expr("lk = rk AND lts = rts"), "full"), feeds, ["l:@00:10=1", "r:@00:10=2", "l:z@00:30", "r:z@00:30", "l:z2@01:30", "r:z2@01:30"])
    got = sorted(([r[0], r[2], r[3], r[5]] for _, rows in run.batches for r in rows if r[0] is None or r[3] is None), key=repr)
    check(got, ours=[[None, 1, None, None], [None, None, None, 2]])


def test_j4_static_files_are_listed_once(check, spark, feeds, F, tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "0.json").write_text('{"k": "a", "name": "Ann"}\n')
    static = spark.read.schema("k string, name string").json(str(tmp_path / "s"))
    d = feeds[0].frame().join(static, "k", "left").select("k", "name")

    def batch(text):
        if text.startswith("b"):
            (tmp_path / "s" / "1.json").write_text('{"k": "b", "name": "Bob"}\n')
        return feeds[0], text

    check(steps(d, (batch(t) for t in ["a", "b", "a b"])).batches)


ALL_KINDS = ["inner", "cross", "left", "right", "full", "left_semi", "left_anti"]


@pytest.mark.parametrize("stream", ["left", "right"])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_j5_stream_and_table(check, spark, feeds, F, kind, stream):
    table = spark.createDataFrame([("a", 1), ("b", 2), ("b", 3), (None, 4)], "sk string, sv int")
    left, right = (sides(feeds, F)[0], table) if stream == "left" else (table, sides(feeds, F)[0])
    on = None if kind == "cross" else F.expr("lk = sk")
    check.outcome(lambda: steps(left.join(right, on, kind), [(feeds[0], "a@00:01=1 b@00:02=2 =3"), (feeds[0], "c@00:01 b@00:01")]).batches)


@pytest.mark.parametrize("mode", ["append", "update", "complete"])
@pytest.mark.parametrize("kind", ["inner", "left", "right", "full", "left_semi", "left_anti"])
def test_j5_stream_and_stream(check, feeds, F, kind, mode):
    def run(delay, on):
        left, right = sides(feeds, F, delay, delay)
        return lambda: ran("steps", left.join(right, F.expr(on), kind), feeds, ["l:a@00:01", "r:a@00:01"], mode).batches

    for delay, on in [(None, "lk = rk"), ("0 seconds", "lk = rk"), ("0 seconds", "lk = rk AND lts = rts"), ("0 seconds", "lk = rk AND lts > rts"), ("0 seconds", "lk = rk AND lts < rts")]:
        check.outcome(run(delay, on))


def test_b3_self_join(check, feeds, F):
    d = feeds[0].frame().withWatermark("ts", "0 seconds")
    j = d.select(F.col("k").alias("lk"), F.col("ts").alias("lts"), "v").join(d.select(F.col("k").alias("rk"), F.col("ts").alias("rts")), F.expr("lk = rk AND lts = rts"))
    run = ran("steps", j, feeds, ["l:a@00:01=1 b@00:02=2", "l:a@00:01=3 a@00:03"])
    check([outcome(run), [[p["numInputRows"], len(p["sources"])] for p in run.progresses]])
