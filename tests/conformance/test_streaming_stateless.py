"""Streams without state: projections, UDF-free functions, explode, union, stream-static joins, files and their options."""


import pytest

from streams import SCHEMA, available, steps, with_rows

FILES = ["a@00:01=1 b@00:02=2", "a@00:03=3", "@00:04 c=5"]

SHAPES = {
    "pass": lambda d, F: d, "select": lambda d, F: d.select("k", (F.col("v") * 10).alias("ten")), "where": lambda d, F: d.where("v > 1"), "withColumn": lambda d, F: d.withColumn("u", F.upper("k")), "explode": lambda d, F: d.select("k", F.explode(F.array("v", F.lit(0))).alias("e")), "union self": lambda d, F: d.union(d),
    "drop": lambda d, F: d.drop("ts"), "selectExpr": lambda d, F: d.selectExpr("coalesce(k, 'none') as k", "v + 1 as w"), "when": lambda d, F: d.select(F.when(F.col("v") > 2, "big").otherwise("small").alias("c")), "repartition": lambda d, F: d.repartition(3).select("v"), "coalesce": lambda d, F: d.coalesce(1).select("v"),
    "json": lambda d, F: d.select(F.to_json(F.struct("k", "v")).alias("j")), "window column": lambda d, F: d.select(F.window("ts", "2 seconds").start.alias("s"), "v"), "alias": lambda d, F: d.alias("x").select("x.k"), "transform": lambda d, F: d.transform(lambda f: f.select("k")),
}


@pytest.mark.parametrize("name", SHAPES)
def test_available(check, feed, F, name):
    for text in FILES:
        feed.add(text)
    check(available(SHAPES[name](feed.frame(), F)).batches)


@pytest.mark.parametrize("name", ["pass", "where", "union self"])
def test_steps(check, feed, F, name):
    check(steps(SHAPES[name](feed.frame(), F), [(feed, t) for t in FILES]).batches)


@pytest.mark.parametrize("kind", ["inner", "left", "left_semi", "left_anti"])
def test_stream_static_join(check, spark, feed, F, kind):
    static = spark.createDataFrame([("a", "Ann"), ("b", "Bob"), ("b", "Bea"), (None, "Nil")], "k string, name string")
    for text in FILES:
        feed.add(text)
    check(available(feed.frame().select("k", "v").join(static, "k", kind)).batches)


@pytest.mark.parametrize("kind", ["right", "full"])
def test_stream_static_join_refused(check_error, spark, feed, kind):
    static = spark.createDataFrame([("a", "Ann")], "k string, name string")
    feed.add("a=1")
    check_error(lambda: available(feed.frame().join(static, "k", kind)))


def test_static_stream_join(check, spark, feed):
    static = spark.createDataFrame([("a", "Ann")], "k string, name string")
    feed.add("a=1 b=2")
    check(available(static.join(feed.frame(), "k").select("k", "name", "v")).batches)
    check.error(lambda: available(static.join(feed.frame(), "k", "left")))


def test_static_side_is_a_frame_of_files(check, spark, feed, tmp_path):
    spark.createDataFrame([("a", 1)], "k string, n int").write.json(str(tmp_path / "static"))
    static = spark.read.schema("k string, n int").json(str(tmp_path / "static"))
    feed.add("a=1")
    check(available(feed.frame().join(static, "k", "left").select("k", "v", "n")).batches)


def test_union_of_two_streams(check, spark, tmp_path, feed):
    from streams import Feed

    other = Feed(spark, tmp_path / "other")
    feed.add("a=1")
    other.add("b=2")
    other.add("c=3")
    check(available(feed.frame().select("k", "v").union(other.frame().select("k", "v"))).batches)


def test_max_files_per_trigger(check, feed):
    for i in range(5):
        feed.add(f"k{i}={i}")
    check(available(feed.frame(maxFilesPerTrigger=2).select("v")).batches)
    check(available(feed.frame(maxFilesPerTrigger=100).select("v")).batches)


def test_max_bytes_per_trigger(check, feed, spark):
    for i in range(5):
        feed.add(f"k{i}={i}")
    reader = spark.readStream.schema(SCHEMA)
    check(available(reader.option("maxBytesPerTrigger", 50).json(str(feed.folder)).select("v")).batches)
    check.error(lambda: available(feed.frame(maxBytesPerTrigger=50)))


@pytest.mark.parametrize("option,value", [("maxFilesPerTrigger", 0), ("maxFilesPerTrigger", "abc"), ("maxFilesPerTrigger", -1), ("maxBytesPerTrigger", "x"), ("maxFileAge", "abc"), ("cleanSource", "nope"), ("latestFirst", "maybe")])
def test_bad_file_options(check, feed, spark, option, value):
    feed.add("a=1")
    check.outcome(lambda: available(spark.readStream.schema(SCHEMA).option(option, value).json(str(feed.folder))).batches)


def test_latest_first(check, feed):
    for i in range(3):
        feed.add(f"k{i}={i}")
    check(available(feed.frame(latestFirst=True).select("v")).batches)


def test_glob_and_recursion(check, spark, tmp_path):
    for i, name in enumerate(["a.json", "b.txt", "_c.json", ".d.json", "sub/e.json"]):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(f'{{"v":{i}}}\n')
    reader = lambda **o: spark.readStream.schema("v int").options(**o).json(str(tmp_path / "in"))
    check(available(reader()).batches)
    check(available(reader(pathGlobFilter="*.json")).batches)
    check(available(reader(recursiveFileLookup=True)).batches)
    check(available(spark.readStream.schema("v int").json(str(tmp_path / "in" / "*.json"))).batches)


def test_partition_columns(check, spark, tmp_path):
    for place, v in [("day=2024-01-02/h=07", 1), ("day=2024-01-03/h=10", 2), ("day=__HIVE_DEFAULT_PARTITION__/h=8", 3)]:
        (tmp_path / "in" / place).mkdir(parents=True)
        (tmp_path / "in" / place / "f.json").write_text(f'{{"v":{v}}}\n')
    check(available(spark.readStream.schema("v int, day date, h int").json(str(tmp_path / "in"))).batches)
    check(available(spark.readStream.schema("v int, h string").json(str(tmp_path / "in"))).batches)
    check(spark.readStream.schema("v int").json(str(tmp_path / "in")).schema)


def test_text_and_parquet(check, spark, tmp_path):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.txt").write_text("one\ntwo\n\nthree")
    check(available(spark.readStream.text(str(tmp_path / "t"))).batches)
    spark.range(3).selectExpr("id", "cast(id as string) s").coalesce(1).write.parquet(str(tmp_path / "p"))
    check(available(spark.readStream.schema("id bigint, s string").parquet(str(tmp_path / "p"))).batches)
    check(available(spark.readStream.format("parquet").schema("s string").load(str(tmp_path / "p"))).batches)


def test_modes_for_malformed(check, feed, spark):
    feed.write('{"v":1}\nnot json\n{"v":"x","k":"y"}\n')
    for options in [{}, {"mode": "DROPMALFORMED"}, {"mode": "FAILFAST"}]:
        check.outcome(lambda: available(feed.frame(**options).select("k", "v")).batches)
    check(available(feed.frame(SCHEMA + ", _corrupt_record string").select("v", "_corrupt_record")).batches)


def test_empty_file_and_no_files(check, feed):
    check(available(feed.frame()).batches)
    feed.write("")
    check(available(feed.frame()).batches)


def test_schema_rules(check, spark, feed, conf):
    feed.add("a=1")
    check.error(lambda: spark.readStream.json(str(feed.folder)))
    check.error(lambda: spark.readStream.parquet(str(feed.folder)))
    check.outcome(lambda: spark.readStream.text(str(feed.folder)).schema)
    check.error(lambda: spark.readStream.schema("v int").json())
    check.error(lambda: spark.readStream.schema("v int").format("json").load())
    check.error(lambda: spark.readStream.schema("v int").json(str(feed.folder / "missing")))
    check.error(lambda: spark.readStream.format("nope").load())
    check.error(lambda: spark.readStream.schema(5))
    check.error(lambda: spark.readStream.json(5))
    check.error(lambda: spark.readStream.load("  "))
    conf("spark.sql.streaming.schemaInference", "true")
    check(spark.readStream.json(str(feed.folder)).schema)


def test_frame_properties(check, feed, spark):
    d = feed.frame()
    check([d.isStreaming, spark.range(1).isStreaming, d.columns, d.dtypes, repr(d)])
    check(d.select("k").schema)
    for action in [d.collect, d.count, d.show, d.take, d.toPandas, d.first, lambda: d.write, lambda: spark.range(1).writeStream, d.isEmpty, lambda: d.take(1), lambda: d.rdd.collect(), lambda: d.persist().count()]:
        check.error(action)


REFUSED = {
    "sort": lambda d, F: d.orderBy("v"), "distinct agg": lambda d, F: d.groupBy("k").agg(F.countDistinct("v")), "limit in update": lambda d, F: d.limit(2),
    "row_number": lambda d, F: d.selectExpr("row_number() over (order by v)"), "intersect": lambda d, F: d.select("k").intersect(d.select("k")), "union with batch": lambda d, F: d.select("v").union(d.sparkSession.range(1).selectExpr("cast(id as int) v")),
}


@pytest.mark.parametrize("mode", ["append", "update", "complete"])
@pytest.mark.parametrize("name", REFUSED)
def test_refused(check, feed, F, name, mode):
    feed.add("a=1 b=2 a=3")
    check.outcome(lambda: available(REFUSED[name](feed.frame(), F), mode).batches)


def test_limit(check, feed):
    for text in ["a=1 b=2 c=3 d=4", "e=5 f=6 g=7 h=8"]:
        feed.add(text)
    got = available(feed.frame().limit(5))
    check([[b, len(r)] for b, r in got.batches])


def test_current_timestamp_is_one_a_batch(check, feed, F):
    feed.add("a=1 b=2")
    feed.add("c=3")
    got = available(feed.frame(maxFilesPerTrigger=1).select(F.current_timestamp().alias("t"), F.uuid().alias("u")))
    check([[len({r[0] for r in rows}), len({r[1] for r in rows})] for _, rows in got.batches])


def test_rate(check, spark):
    d = spark.readStream.format("rate").option("rowsPerSecond", 50).option("numPartitions", 2).load()
    check(d.schema)
    seen = []
    q = d.writeStream.foreachBatch(lambda f, i: seen.append([r.value for r in f.collect()])).trigger(processingTime="200 milliseconds").start()
    while len([s for s in seen if s]) < 3 and q.isActive:
        q.awaitTermination(0.05)
    q.stop()
    values = sorted(v for s in seen for v in s)
    check([seen[0], values == list(range(len(values)))])
    for option, value in [("rowsPerSecond", 0), ("rowsPerSecond", "x"), ("numPartitions", 0), ("rampUpTime", "-1s")]:
        check.error(lambda: spark.readStream.format("rate").option(option, value).load())
    check.error(lambda: spark.readStream.format("rate").schema("a int").load())


def test_socket(check, spark):
    import socket
    import threading

    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        c, _ = server.accept()
        for part in [b"hello\nwor", b"ld\n\n\xc3", b"\xa9\r\n"]:
            c.sendall(part)
        finished.wait(60)
        c.close()

    finished = threading.Event()
    threading.Thread(target=serve, daemon=True).start()
    seen = []
    d = spark.readStream.format("socket").option("host", "127.0.0.1").option("port", server.getsockname()[1]).load()
    check(d.schema)
    q = d.writeStream.foreachBatch(lambda f, i: seen.extend(r.value for r in f.collect())).start()
    while len(seen) < 4 and q.isActive:
        q.awaitTermination(0.05)
    q.stop()
    finished.set()
    check(sorted(seen))  # PySpark deals the lines of a batch to its partitions
    reader = spark.readStream.format("socket")
    check.error(lambda: reader.option("port", 1).load())
    check.error(lambda: spark.readStream.format("socket").option("host", "127.0.0.1").load())
    check(spark.readStream.format("socket").option("host", "127.0.0.1").option("port", 1).option("includeTimestamp", True).load().schema)
    server.close()


NOTHING = {
    "false": lambda d, F: d.where("false"),
    "constant": lambda d, F: d.where("1 = 0"),
    "null": lambda d, F: d.where(F.lit(None).cast("boolean")),
    "and": lambda d, F: d.where("v > 1 and false"),
    "two filters": lambda d, F: d.where("v is null").where("1 = 2"),
    "contradiction": lambda d, F: d.where("v = 1 and v = 2"),
    "limit 0": lambda d, F: d.limit(0),
    "one side of a union": lambda d, F: d.where("false").union(d),
    "a function beneath": lambda d, F: d.withColumn("u", F.udf(lambda x: x, "int")("v")).where("false"),
    "mapInPandas beneath": lambda d, F: d.mapInPandas(lambda it: it, d.schema).where("false"),
    "watermark": lambda d, F: d.withWatermark("ts", "1 second").where("false"),
    "observe": lambda d, F: d.where("false").observe("m", F.count(F.lit(1)).alias("c")),
    "observe beneath": lambda d, F: d.observe("m", F.count(F.lit(1)).alias("c")).where("false"),
    "static side": lambda d, F: d.join(d.sparkSession.range(3).where("false"), F.col("v") == F.col("id")),
}


@pytest.mark.parametrize("name", NOTHING)
def test_rows_that_nobody_wants_are_not_read(check, feed, F, name):
    feed.add("a@00:01=1 b@00:02=2")
    r = available(NOTHING[name](feed.frame(), F))
    check([[p.batchId, p.numInputRows, [s.numInputRows for s in p.sources]] for p in r.progresses])
    feed.add("c@00:03=3")
    check([rows for _, rows in with_rows(available(NOTHING[name](feed.frame(), F)).batches)])


@pytest.mark.parametrize("kind", ["aggregate", "deduplicated", "deduplicated above"])
def test_state_over_rows_that_nobody_wants(check, feed, F, kind):
    feed.add("a@00:01=1 b@00:02=2")
    d = feed.frame()
    d = {"aggregate": d.groupBy("k").count().where("false"), "deduplicated": d.dropDuplicates(["k"]).where("false"), "deduplicated above": d.where("false").dropDuplicates(["k"])}[kind]
    r = available(d, "update" if kind == "aggregate" else "append")
    check([[p.numInputRows, [s.numRowsTotal for s in p.stateOperators]] for p in r.progresses])


EMPTY = {
    "count": ("complete", lambda d, F: d.where("false").groupBy().count()),
    "count in update mode": ("update", lambda d, F: d.where("false").groupBy().count()),
    "count of a column": ("complete", lambda d, F: d.where("false").groupBy().agg(F.count("v"))),
    "count by key": ("complete", lambda d, F: d.where("false").groupBy("k").count()),
    "constants": ("complete", lambda d, F: d.where("false").groupBy().agg(F.lit(1))),
    "select constants": ("append", lambda d, F: d.where("v > 1 and false").select(F.lit(1))),
    "count behind limit 0": ("complete", lambda d, F: d.limit(0).groupBy().count()),
    "count having nothing": ("complete", lambda d, F: d.groupBy().count().where("false")),
    "limit 0 of count": ("complete", lambda d, F: d.groupBy().count().limit(0)),
    "limit 1 of count": ("complete", lambda d, F: d.groupBy().count().limit(1)),
    "limit 0 of groups": ("complete", lambda d, F: d.groupBy("k").count().limit(0).where("k = 'a'")),
    "limit 0 of deduplicated": ("append", lambda d, F: d.dropDuplicates(["k"]).limit(0)),
    "limit 0 of nothing deduplicated": ("append", lambda d, F: d.where("false").dropDuplicates(["k"]).limit(0)),
    "limit 0 of a union": ("append", lambda d, F: d.union(d).limit(0)),
    "limit 0 of a join": ("append", lambda d, F: d.alias("x").join(d.alias("y"), F.expr("x.k = y.k")).select("x.k").limit(0)),
    "limit of nothing": ("append", lambda d, F: d.where("false").limit(2)),
    "limit of two nothings": ("append", lambda d, F: d.where("false").union(d.where("1 = 0")).limit(2)),
    "limit of nothing joined": ("append", lambda d, F: d.where("false").alias("x").join(d.where("false").alias("y"), F.expr("x.k = y.k")).select("x.k").limit(2)),
    "limit of nothing mapped": ("append", lambda d, F: d.where("false").mapInPandas(lambda it: it, d.schema).limit(2)),
    "limit of nothing with watermark": ("append", lambda d, F: d.where("false").withWatermark("ts", "1 second").limit(2)),
}


@pytest.mark.parametrize("name", EMPTY)
def test_limits_and_state_over_nothing(check, feed, F, name):
    feed.add("a@00:01=1 b@00:02=2 a@00:03=3")
    mode, frame = EMPTY[name]
    r = available(frame(feed.frame(), F), mode)
    check([[p.numInputRows, [s.numInputRows for s in p.sources], [[s.operatorName, s.numRowsTotal, s.numRowsUpdated] for s in p.stateOperators]] for p in r.progresses])
    check([rows for _, rows in with_rows(r.batches)])


@pytest.mark.parametrize("fmt", ["parquet", "text"])
@pytest.mark.parametrize("name", ["false", "constant", "null", "limit 0"])
def test_formats_that_do_not_sift_count_what_filters_drop(check, spark, F, tmp_path, fmt, name):
    d = spark.createDataFrame([("a",), ("b",)], "v string").coalesce(1)
    d.write.format(fmt).save(str(tmp_path / "in"))
    r = available(NOTHING[name](spark.readStream.schema(d.schema).format(fmt).load(str(tmp_path / "in")), F))
    check([p.numInputRows for p in r.progresses])


SELF = {
    "columns": lambda d, F: d.alias("x").join(d.alias("y"), F.expr("x.v = y.v")).select("x.k", "y.v"),
    "filtered": lambda d, F: d.where("v > 1").alias("x").join(d.where("v > 2").alias("y"), F.expr("x.v = y.v")).select("x.k", "y.v"),
    "renamed": lambda d, F: d.join(d.selectExpr("k k2", "v v2"), F.expr("v = v2")).select("v"),
    "left is nothing": lambda d, F: d.where("false").alias("x").join(d.alias("y"), F.expr("x.k = y.k")).select("x.k", "y.v"),
    "right is nothing": lambda d, F: d.alias("x").join(d.where("false").alias("y"), F.expr("x.k = y.k")).select("x.k", "y.v"),
    "left outer": lambda d, F: d.withWatermark("ts", "1 second").alias("x").join(d.withWatermark("ts", "1 second").alias("y"), F.expr("x.v = y.v and x.ts = y.ts"), "left").select("x.k", "y.v"),
    "union": lambda d, F: d.union(d),
}


@pytest.mark.parametrize("name", SELF)
def test_a_stream_joined_with_itself_is_two_sources(check, feed, F, tmp_path, name):
    feed.add("a@00:01=1 b@00:02=2 a@00:03=3")
    for more in ("b@00:09=4", "a@00:10=5 a@00:11=6"):
        r = available(SELF[name](feed.frame(), F), checkpoint=tmp_path / "checkpoint")
        check([[p.numInputRows, [s.numInputRows for s in p.sources]] for p in r.progresses])
        check([rows for _, rows in with_rows(r.batches)])
        feed.add(more)
    check(sorted(p.name for p in (tmp_path / "checkpoint" / "sources").iterdir()))
