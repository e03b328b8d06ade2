"""Files as streams and as output: which files count, partition folders, the order of taking, cleaning up, the hidden
column _metadata, partitionBy and the file sink's log. F2 to F5, J4 and B5 are cases of the list of behaviours."""

import datetime
import glob
import json
import os
import time

import pytest

from streams import FIRST_MTIME, Run, available, with_rows, writer

K = "k string"


def put(folder, name, content, mtime=None):
    """A file that appears by rename, with a modification time of its own."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.parent / ("." + path.name + ".tmp")
    hidden.write_text(content)
    if mtime is not None:
        os.utime(hidden, (FIRST_MTIME + mtime, FIRST_MTIME + mtime))
    hidden.rename(path)


def stepwise(frame, moves, checkpoint=None):
    """Runs moves one after the other under a running query; gives the batches with rows."""
    run = Run()
    query = writer(frame, "append", False, checkpoint, run).start()
    try:
        for move in moves:
            move()
            query.processAllAvailable()
    finally:
        query.stop()
    return with_rows(run.batches)


# -- F2: which files count ------------------------------------------------------------------------------------

def various(folder):
    put(folder, "a.json", '{"k":"a"}\n', 1)
    put(folder, "_x.json", '{"k":"underscore"}\n', 2)
    put(folder, ".x.json", '{"k":"point"}\n', 3)
    put(folder, "b.json._COPYING_", '{"k":"copying"}\n', 4)
    put(folder, "sub/c.json", '{"k":"sub"}\n', 5)
    put(folder, "e.json", "", 6)
    put(folder, "d.json", '{"k":"d"}\n', 7)


def test_f2_which_files_count_avail(check, spark, tmp_path):
    various(tmp_path)
    read = lambda **o: available(spark.readStream.schema(K).options(maxFilesPerTrigger=1, **o).json(str(tmp_path))).batches
    check(read())
    check(read(recursiveFileLookup=True))
    check(read(pathGlobFilter="[ad].json"))
    check(available(spark.readStream.schema(K).json(str(tmp_path / "*"))).batches)
    check(available(spark.readStream.schema(K).json(str(tmp_path / "*.json"))).batches)


def test_f2_which_files_count_steps(check, spark, tmp_path):
    def again():
        (tmp_path / "a.json").write_text('{"k":"changed"}\n')
        os.utime(tmp_path / "a.json", (FIRST_MTIME + 100, FIRST_MTIME + 100))

    more = lambda: put(tmp_path, "z.json", '{"k":"z"}\n', 101)
    various(tmp_path)
    check(stepwise(spark.readStream.schema(K).json(str(tmp_path)), [lambda: None, again, more]))


# -- F3: partition columns ------------------------------------------------------------------------------------

def dated(folder):
    put(folder, "dt=2024-01-02/h=07/a.json", '{"k":"a"}\n', 1)
    put(folder, "dt=2024-01-03/h=__HIVE_DEFAULT_PARTITION__/b.json", '{"k":"b"}\n', 2)


SCHEMAS = {"int": "k string, h int", "string": "k string, h string", "absent": "k string", "both": "dt date, k string, h bigint", "text": "k string, dt string, h string", "first": "h int, k string"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_f3_partition_columns(check, spark, tmp_path, name):
    dated(tmp_path)
    d = spark.readStream.schema(SCHEMAS[name]).json(str(tmp_path))
    check(d.dtypes)
    check(available(d).batches)
    check.unordered(spark.read.schema(SCHEMAS[name]).json(str(tmp_path)))


def test_f3_partition_columns_steps(check, spark, tmp_path):
    dated(tmp_path)
    put(tmp_path, "dt=2024-01-04/h=11/c.json", '{"k":"c"}\n', 3)
    more = lambda: put(tmp_path, "dt=2024-01-05/h=12/d.json", '{"k":"d"}\n', 4)
    check(stepwise(spark.readStream.schema(K).json(str(tmp_path)), [lambda: None, more]))


def test_f3_a_value_of_another_type(check, spark, tmp_path):
    put(tmp_path, "h=1/a.json", '{"k":"a"}\n', 1)
    d = spark.readStream.schema(K).json(str(tmp_path))
    check(d.dtypes)
    put(tmp_path, "h=abc/b.json", '{"k":"b"}\n', 2)
    query = d.writeStream.format("noop").start()
    with pytest.raises(Exception) as caught:
        query.processAllAvailable()
    check(type(caught.value).__name__)
    check("INVALID_PARTITION_VALUE" in str(caught.value))
    query.stop()


def test_f3_inference_off(check, spark, tmp_path, conf):
    dated(tmp_path)
    conf("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    d = spark.readStream.schema(K).json(str(tmp_path))
    check(d.dtypes)
    check(available(d).batches)
    check(spark.read.schema(K).json(str(tmp_path)).dtypes)


def test_f3_base_path(check, spark, tmp_path):
    dated(tmp_path)
    one = str(tmp_path / "dt=2024-01-02")
    for options in [{}, {"basePath": str(tmp_path)}, {"basePath": one}, {"basePath": str(tmp_path / "missing")}]:
        try:
            got = available(spark.readStream.schema(K).options(**options).json(one)).batches
        except Exception as e:
            got = e
        above = options.get("basePath") == str(tmp_path)
        check(got, ours=[[0, [["a", datetime.date(2024, 1, 2), 7]]]] if above else None)
        check.outcome(lambda: spark.read.schema(K).options(**options).json(one))
    check(available(spark.readStream.schema(K).option("basePath", str(tmp_path)).json(str(tmp_path / "dt=*"))).batches)


def test_f3_types_are_inferred(check, spark, tmp_path):
    for i, (a, b) in enumerate([("1", "2024-01-02"), ("2.5", "2024-01-02 03:04:05"), ("3", "x%2Fy%20z")]):
        put(tmp_path, f"a={a}/b={b}/f.json", f'{{"i":{i}}}\n', i)
    check(spark.readStream.schema("i int").json(str(tmp_path)).dtypes)
    check(available(spark.readStream.schema("i int").json(str(tmp_path))).batches)


def test_f3_conflicting_folders(check, spark, tmp_path):
    put(tmp_path, "a=1/x.json", '{"k":"a"}\n', 1)
    put(tmp_path, "b=1/x.json", '{"k":"a"}\n', 1)
    for read in [spark.readStream, spark.read]:
        with pytest.raises(Exception) as caught:  # in which order the folders are named differs from run to run
            read.schema(K).json(str(tmp_path))
        check([type(caught.value).__name__, caught.value.getCondition(), sorted(caught.value.getMessageParameters())])


# -- F4: a reader needs a schema ------------------------------------------------------------------------------

@pytest.mark.parametrize("fmt", ["json", "parquet"])
def test_f4_schema(check, spark, tmp_path, conf, fmt):
    spark.createDataFrame([("a", 1)], "k string, v int").write.format(fmt).save(str(tmp_path / "in"))
    read = lambda: spark.readStream.format(fmt).load(str(tmp_path / "in"))
    check.error(read)
    conf("spark.sql.streaming.schemaInference", "true")
    check(read().schema)
    check(available(read()).batches)
    (tmp_path / "none").mkdir()
    check.error(lambda: spark.readStream.format(fmt).load(str(tmp_path / "none")))
    check.error(lambda: spark.readStream.format(fmt).load(str(tmp_path / "missing")))


def test_f4_inference_with_partitions(check, spark, tmp_path, conf):
    conf("spark.sql.streaming.schemaInference", "true")
    dated(tmp_path)
    d = spark.readStream.json(str(tmp_path))
    check(d.schema)
    check(available(d).batches)


def test_f4_unknown_and_mistyped_fields(check, spark, tmp_path):
    put(tmp_path, "a.json", '{"k":"a","v":1,"more":2}\n', 1)
    put(tmp_path, "b.json", '{"k":"b","v":"text"}\n', 2)
    put(tmp_path, "c.json", '{"K":"c","v":3}\n', 3)
    check(available(spark.readStream.schema("k string, v int").option("maxFilesPerTrigger", 1).json(str(tmp_path))).batches)


# -- F5 and _metadata -----------------------------------------------------------------------------------------

def test_f5_metadata_does_not_zero_the_metrics(check, spark, feed):
    feed.add("a=1")
    run = available(feed.frame().select("k", "_metadata.file_name"))
    check(run.batches)
    check([p["numInputRows"] for p in run.progresses])


@pytest.mark.parametrize("fmt", ["json", "text", "parquet"])
def test_metadata_of_a_batch(check, spark, tmp_path, fmt):
    if fmt == "parquet":
        spark.createDataFrame([("a",)], K).coalesce(1).write.parquet(str(tmp_path / "in"))
        fields = "file_path:string,file_name:string,file_size:bigint,file_block_start:bigint,file_block_length:bigint,file_modification_time:timestamp"
        check(spark.read.parquet(str(tmp_path / "in")).select("_metadata").dtypes, ours=[("_metadata", f"struct<{fields}>")])
        got = spark.read.parquet(str(tmp_path / "in")).select("k", "_metadata.*").first()
        name = os.path.basename(glob.glob(str(tmp_path / "in" / "part*"))[0])
        check([got.file_name == name, got.file_path.endswith(name), got.file_size == os.path.getsize(tmp_path / "in" / name), got.file_block_start])
        return
    put(tmp_path / "in", "x y.txt", '{"k":"a"}\n{"k":"b"}\n', 5)
    d = spark.read.schema(K).format(fmt).load(str(tmp_path / "in"))
    check(d.columns)
    check(d.select("_metadata").dtypes)
    check(d.select("*", "_metadata"))
    check(d.select("_metadata.file_name", d["_metadata.file_size"]).where("file_size > 3"))
    check(d.where("_metadata.file_name like 'x%'").count())
    check(d.withColumn("m", d["_metadata"].file_path).select("m").distinct())
    check(d.groupBy("_metadata.file_name").count())
    check(d.select("_metadata").schema)
    check(d.drop("_metadata").columns)
    check.outcome(lambda: d.select("k").select("_metadata.file_name").collect())
    check.outcome(lambda: d.where("k > ''").select("k", "_metadata.file_name").collect())
    check.outcome(lambda: d.alias("t").select("t._metadata.file_name").collect())
    check.outcome(lambda: d.select("_metadata.nothing").collect())
    check.outcome(lambda: spark.range(1).select("_metadata").collect())


def test_metadata_of_a_stream(check, spark, tmp_path):
    put(tmp_path / "in", "h=1/a.json", '{"k":"a"}\n', 1)
    put(tmp_path / "in", "h=2/b.json", '{"k":"b"}\n', 2)
    d = spark.readStream.schema(K).option("maxFilesPerTrigger", 1).json(str(tmp_path / "in"))
    check(d.columns)
    run = available(d.select("k", "h", "_metadata"))
    check(run.batches)
    check([p["numInputRows"] for p in run.progresses])
    check(available(d.where("_metadata.file_name = 'b.json'").select("k")).batches)


def test_metadata_beside_a_column_of_that_name(check, spark, tmp_path):
    put(tmp_path / "in", "a.json", '{"_metadata":"own","k":"a"}\n', 1)
    d = spark.read.schema("_metadata string, k string").json(str(tmp_path / "in"))
    check(d)
    check.outcome(lambda: d.select("_metadata"))
    check.outcome(lambda: d.select(d.metadataColumn("_metadata").file_name))
    with pytest.raises(Exception) as caught:  # of another frame; the text has that frame's plan
        spark.read.schema(K).json(str(tmp_path / "in")).select(d.metadataColumn("_metadata").file_name).collect()
    check([type(caught.value).__name__, caught.value.getCondition()])
    check.outcome(lambda: d.select("__metadata.file_name"))
    check.outcome(lambda: d.select(d.metadataColumn("_METADATA")).columns)
    check.outcome(lambda: d.select(d.metadataColumn("__metadata")))
    check.outcome(lambda: d.select(d.metadataColumn("k")))
    check.outcome(lambda: d.select("k").select("__metadata.file_name", "k"))
    check.outcome(lambda: d.select("*").columns)


def test_metadata_column_is_written(check, spark, tmp_path):
    put(tmp_path / "in", "a.json", '{"k":"a"}\n', 1)
    d = spark.readStream.schema(K).json(str(tmp_path / "in")).select("k", "_metadata.file_size")
    q = d.writeStream.format("parquet").option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start(str(tmp_path / "o"))
    assert q.awaitTermination(60)
    check(spark.read.parquet(str(tmp_path / "o")))


# -- order, age, names ----------------------------------------------------------------------------------------

def test_latest_first(check, spark, tmp_path):
    for i in range(4):
        put(tmp_path, f"{i}.json", f'{{"k":"{i}"}}\n', 10 - i if i < 2 else 20 + i)
    check(available(spark.readStream.schema(K).options(maxFilesPerTrigger=1, latestFirst=True).json(str(tmp_path))).batches)
    check(available(spark.readStream.schema(K).option("latestFirst", "true").option("maxFilesPerTrigger", 3).json(str(tmp_path))).batches)


@pytest.mark.parametrize("age", ["1s", "3s", "1h", "x", "-1"])
def test_max_file_age(check, spark, tmp_path, age):
    put(tmp_path, "new.json", '{"k":"new"}\n', 100)
    late = lambda: put(tmp_path, "late.json", '{"k":"2 seconds older"}\n', 98)
    later = lambda: put(tmp_path, "later.json", '{"k":"newest"}\n', 101)
    check.outcome(lambda: stepwise(spark.readStream.schema(K).option("maxFileAge", age).json(str(tmp_path)), [lambda: None, late, later]))


def test_max_file_age_of_the_first_batch(check, spark, tmp_path):
    put(tmp_path, "old.json", '{"k":"old"}\n', 0)
    put(tmp_path, "new.json", '{"k":"new"}\n', 100)
    check(available(spark.readStream.schema(K).option("maxFileAge", "5s").json(str(tmp_path))).batches)
    check(available(spark.readStream.schema(K).options(maxFileAge="5s", maxFilesPerTrigger=1).json(str(tmp_path))).batches)
    check(available(spark.readStream.schema(K).options(maxFileAge="5s", latestFirst=True, maxFilesPerTrigger=1).json(str(tmp_path))).batches)


@pytest.mark.parametrize("only", [True, False])
def test_file_name_only(check, spark, tmp_path, only):
    put(tmp_path / "in", "d1/a.json", '{"k":"first"}\n', 1)
    second = lambda: put(tmp_path / "in", "d2/a.json", '{"k":"second"}\n', 2)
    d = spark.readStream.schema(K).option("fileNameOnly", only).json(str(tmp_path / "in" / "*"))
    check(stepwise(d, [lambda: None, second]))


@pytest.mark.parametrize("options", [{"maxCachedFiles": 3}, {"maxCachedFiles": "x"}, {"discardCachedInputRatio": 0.5}, {"discardCachedInputRatio": 2}, {"fileNameOnly": "maybe"}, {"latestFirst": "yes"}, {"cleanSource": "nope"}, {"cleanSource": "archive"}], ids=str)
def test_options_that_a_stream_checks(check, spark, tmp_path, options):
    put(tmp_path, "a.json", '{"k":"a"}\n', 1)

    def run():
        return available(spark.readStream.schema(K).options(**options).json(str(tmp_path))).batches

    check.outcome(run)


def test_modified_before_and_after(check, spark, tmp_path):
    for i in range(4):
        put(tmp_path, f"{i}.json", f'{{"k":"{i}"}}\n', 60 * i)
    at = lambda i: datetime.datetime.fromtimestamp(FIRST_MTIME + 60 * i + 30, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    check.unordered(spark.read.schema(K).json(str(tmp_path), modifiedAfter=at(0), modifiedBefore=at(2)))
    check.unordered(spark.read.schema(K).option("modifiedAfter", at(1)).json(str(tmp_path)))
    check.error(lambda: spark.read.schema(K).option("modifiedAfter", "soon").json(str(tmp_path)))
    inside = [[0, [["1"], ["2"]]]]
    streamed = lambda **o: spark.readStream.schema(K).json(str(tmp_path), **o)
    taken = lambda **o: available(spark.readStream.schema(K).options(**o).json(str(tmp_path))).batches
    try:
        got = available(streamed(modifiedAfter=at(0), modifiedBefore=at(2))).batches
    except Exception as e:
        got = e
    check(got, ours=inside)
    try:
        got = taken(modifiedAfter=at(0), modifiedBefore=at(2))
    except Exception as e:
        got = e
    check(got, ours=inside)


@pytest.mark.parametrize("how", ["option", "setting", "neither"])
def test_missing_files(check, spark, tmp_path, conf, how):
    put(tmp_path, "a.json", '{"k":"a"}\n', 1)
    put(tmp_path, "b.json", '{"k":"b"}\n', 2)
    if how == "setting":
        conf("spark.sql.files.ignoreMissingFiles", "true")
    d = spark.read.schema(K).options(**({"ignoreMissingFiles": True} if how == "option" else {})).json(str(tmp_path))
    (tmp_path / "a.json").unlink()
    check.outcome(lambda: d)


@pytest.mark.parametrize("how", ["option", "setting", "neither"])
def test_corrupt_files(check, spark, tmp_path, conf, how):
    spark.createDataFrame([("a",)], K).coalesce(1).write.parquet(str(tmp_path / "in"))
    (tmp_path / "in" / "bad.parquet").write_bytes(b"this is no parquet, not in the least")
    if how == "setting":
        conf("spark.sql.files.ignoreCorruptFiles", "true")
    options = {"ignoreCorruptFiles": True} if how == "option" else {}
    check.outcome(lambda: spark.read.schema(K).options(**options).parquet(str(tmp_path / "in")))
    d = spark.readStream.schema(K).options(**options).parquet(str(tmp_path / "in"))
    try:
        check(available(d).batches)
    except Exception as e:
        check([type(e).__name__, "FAILED_READ_FILE" in str(e)])


# -- cleanSource ----------------------------------------------------------------------------------------------

def visible(folder):
    return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files if not f.startswith("."))


def cleaned(spark, source, checkpoint, moves, **options):
    """Runs a batch a move; the cleaner of PySpark works in a thread of its own, so the end is waited for."""
    return stepwise(spark.readStream.schema(K).options(maxFilesPerTrigger=1, **options).json(source), moves, checkpoint)


def settled(folder, expected, seconds=20):
    """What a folder holds once the cleaner is done, or when the time is up."""
    end = time.monotonic() + seconds
    while visible(folder) != expected and time.monotonic() < end:
        time.sleep(0.05)
    return visible(folder)


def test_clean_source_delete(check, spark, tmp_path):
    moves = [lambda i=i: put(tmp_path / "in", f"{i}.json", f'{{"k":"{i}"}}\n', i) for i in range(4)]
    (tmp_path / "in").mkdir()
    check(cleaned(spark, str(tmp_path / "in"), tmp_path / "c", moves, cleanSource="delete"))
    check(settled(tmp_path / "in", ["3.json"]))


def test_clean_source_off(check, spark, tmp_path):
    moves = [lambda i=i: put(tmp_path / "in", f"{i}.json", f'{{"k":"{i}"}}\n', i) for i in range(3)]
    (tmp_path / "in").mkdir()
    check(cleaned(spark, str(tmp_path / "in"), tmp_path / "c", moves, cleanSource="OFF"))
    check(visible(tmp_path / "in"))


def test_clean_source_archive(check, spark, tmp_path):
    moves = [lambda i=i: put(tmp_path / "in", f"{i}.json", f'{{"k":"{i}"}}\n', i) for i in range(4)]
    (tmp_path / "in").mkdir()
    check(cleaned(spark, str(tmp_path / "in"), tmp_path / "c", moves, cleanSource="archive", sourceArchiveDir=str(tmp_path / "arch")))
    check(settled(tmp_path / "in", ["3.json"]))
    check([name.replace(str(tmp_path).lstrip("/"), "DIR") for name in visible(tmp_path / "arch")])


def test_clean_source_archive_of_partitions(check, spark, tmp_path):
    first, *moves = [lambda i=i: put(tmp_path / "in", f"p={i}/{i}.json", f'{{"k":"{i}"}}\n', i % 9) for i in (9, 0, 1, 2)]
    first()  # there at the start: the partition column is found, and the wait before the next file takes it
    moves.insert(0, lambda: None)
    check(cleaned(spark, str(tmp_path / "in"), tmp_path / "c", moves, cleanSource="ARCHIVE", sourceArchiveDir=str(tmp_path / "arch")))
    check(settled(tmp_path / "in", ["p=2/2.json"]))
    check([name.replace(str(tmp_path).lstrip("/"), "DIR") for name in visible(tmp_path / "arch")])


@pytest.mark.parametrize("place", ["in", "in/sub", "", "in/../in", "in-archive"])
def test_clean_source_archive_places(check, spark, tmp_path, place):
    put(tmp_path / "in", "a.json", '{"k":"a"}\n', 1)
    options = {"cleanSource": "archive", "sourceArchiveDir": str(tmp_path / place)}
    run = lambda **o: available(spark.readStream.schema(K).options(**options, **o).json(str(tmp_path / "in"))).batches
    check.outcome(run)
    check.outcome(lambda: run(recursiveFileLookup=True))
    check.outcome(lambda: available(spark.readStream.schema(K).options(**options).json(str(tmp_path / "*"))).batches)


def test_clean_source_of_a_file_sink_is_refused(check, spark, feed, tmp_path):
    feed.add("a")
    q = feed.frame().select("k").writeStream.format("json").option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start(str(tmp_path / "o"))
    assert q.awaitTermination(60)
    check.outcome(lambda: available(spark.readStream.schema(K).option("cleanSource", "delete").json(str(tmp_path / "o"))).batches)


# -- J4 -------------------------------------------------------------------------------------------------------

def test_j4_static_files_are_not_listed_again(check, spark, feed, tmp_path):
    put(tmp_path / "static", "a.json", '{"k":"a","n":1}\n')
    static = spark.read.schema("k string, n int").json(str(tmp_path / "static"))
    joined = feed.frame().select("k", "v").join(static, "k", "left")
    run = Run()
    query = writer(joined, "append", False, None, run).start()
    feed.add("a=1 b=1")
    query.processAllAvailable()
    put(tmp_path / "static", "b.json", '{"k":"b","n":2}\n')
    feed.add("a=2 b=2")
    query.processAllAvailable()
    query.stop()
    check(with_rows(run.batches))


# -- B5 and partitionBy ---------------------------------------------------------------------------------------

VALUES = [("a", 1), (None, 2), ("x/y z=1", 3), ("", 4), ("a", 5)]
ODD = ["%", "a%b", "q?", "c:d", "e'f", 'g"h', "i\\j", "k*l", "m{n}", "o[p]", "q^r", "s#t", "ü", "u\nv", "w\tx", "y&z", "a+b", "~", "a,b", "<>|", "."]


def folders(out):
    return sorted(os.path.relpath(d, out) for d, _, files in os.walk(out) if any(f.startswith("part") for f in files))


@pytest.mark.parametrize("fmt", ["json", "parquet"])
def test_b5_folder_names(check, spark, tmp_path, fmt):
    put(tmp_path / "in", "a.json", "".join(json.dumps({"k": k, "v": v}) + "\n" for k, v in VALUES), 1)
    d = spark.readStream.schema("k string, v int").json(str(tmp_path / "in")).coalesce(1)
    out = str(tmp_path / "o")
    q = d.writeStream.partitionBy("k").format(fmt).option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start(out)
    assert q.awaitTermination(60)
    check(folders(out))
    check(os.path.isdir(os.path.join(out, "_spark_metadata")))
    check.unordered(spark.read.format(fmt).load(out))
    if fmt == "json":
        (tmp_path / "o" / "stray.json").write_text('{"v":100}\n')
        check(spark.read.json(out).count())
        check(spark.read.schema("v int").json(out + "/*").count())
        check([sorted(set(json.loads(line)) - {"blockSize"}) for line in open(os.path.join(out, "_spark_metadata", "0")).read().splitlines()[1:2]])
        check(sorted({json.loads(line)["path"].split("/o/")[1].split("/part")[0] for line in open(os.path.join(out, "_spark_metadata", "0")).read().splitlines()[1:]}))
    again = available(spark.readStream.schema("v int").format(fmt).load(out))
    check(again.batches)


@pytest.mark.parametrize("fmt", ["json", "parquet"])
def test_partitioned_batch_write(check, spark, tmp_path, fmt):
    out = str(tmp_path / "o")
    d = spark.createDataFrame([(v, i, i % 2 == 0) for i, v in enumerate(ODD)] + [("a", 100, True), (None, 101, False)], "s string, i int, b boolean").coalesce(1)
    d.write.format(fmt).partitionBy("s", "b").save(out)
    check(folders(out))
    check.unordered(spark.read.format(fmt).load(out))
    check(spark.read.format(fmt).load(out).dtypes)
    d.where("i = 100").write.partitionBy("s", "b").mode("append").format(fmt).save(out)
    check(spark.read.format(fmt).load(out).where("s = 'a'").count())
    d.where("i = 100").write.partitionBy(["s", "b"]).mode("overwrite").format(fmt).save(out)
    check(folders(out))


TYPED = ["id", "cast(id as tinyint) t", "id * 1.5 dec", "cast(id as double) d", "cast(id / 3 as float) f", "date_add(date'2024-01-01', cast(id as int)) day", "timestamp'2024-01-02 03:04:05.25' ts", "id % 2 = 0 b", "id + 1 v"]


@pytest.mark.parametrize("column", ["t", "dec", "d", "f", "day", "ts", "b", "id"])
def test_partition_values_of_types(check, spark, tmp_path, column):
    out = str(tmp_path / "o")
    spark.range(3).selectExpr(*TYPED).coalesce(1).write.partitionBy(column).json(out)
    check(folders(out))
    check(spark.read.json(out).select(column).dtypes)
    check.unordered(spark.read.json(out).select(column, "v"))


def test_partition_by_rules(check, spark, tmp_path):
    d = spark.createDataFrame([(1, "a")], "i int, k string")
    write = lambda *cols, fmt="json", f=d: f.write.partitionBy(*cols).format(fmt).save(str(tmp_path / "o"))
    check.error(lambda: write("nothing"))
    check.error(lambda: write("i", "k"))
    check.error(lambda: write("i", "i"))
    check.error(lambda: write("I", "i"))
    check.error(lambda: write("m", f=d.selectExpr("i", "map(1, 2) m")))
    check.error(lambda: write("a", f=d.selectExpr("i", "array(1) a")))
    check.error(lambda: write("s", f=d.selectExpr("i", "struct(i) s")))
    check.outcome(lambda: write("K"))
    check.outcome(lambda: spark.read.json(str(tmp_path / "o")))
    check.outcome(lambda: d.write.partitionBy("k").text(str(tmp_path / "t")))
    check.outcome(lambda: d.selectExpr("k", "cast(i as string) i").write.partitionBy("i").text(str(tmp_path / "u")))
    check.outcome(lambda: spark.read.text(str(tmp_path / "u")))
    check.outcome(lambda: write("x", fmt="parquet", f=d.selectExpr("i", "null x")))
    check.outcome(lambda: d.write.partitionBy("k").format("noop").mode("append").save())


def test_partition_by_rules_of_streams(check, spark, feed, tmp_path):
    feed.add("a=1")
    d = feed.frame().select("k", "v")

    def run(frame, *cols, fmt="json", n=[0]):
        n[0] += 1
        q = frame.writeStream.partitionBy(*cols).format(fmt).option("checkpointLocation", str(tmp_path / f"c{n[0]}")).trigger(availableNow=True).start(str(tmp_path / f"o{n[0]}"))
        assert q.awaitTermination(60)
        return folders(str(tmp_path / f"o{n[0]}"))

    check.outcome(lambda: run(d, "nothing"))
    check.outcome(lambda: run(d, "k", "v"))
    check.outcome(lambda: run(d, "k", "k"))
    check.outcome(lambda: run(d, "K"))
    check.outcome(lambda: run(d, ["k"]))
    check.outcome(lambda: run(d.selectExpr("k", "array(v) a"), "a"))
    check.outcome(lambda: d.writeStream.partitionBy("k").format("memory").queryName("pm").start().stop())
    check.outcome(lambda: d.writeStream.partitionBy("k").format("console").trigger(availableNow=True).start().awaitTermination(60))
    check.outcome(lambda: d.writeStream.partitionBy("k").foreachBatch(lambda b, i: None).trigger(availableNow=True).start().awaitTermination(60))
    check.outcome(lambda: d.writeStream.partitionBy("k").format("noop").trigger(availableNow=True).start().awaitTermination(60))
    check.outcome(lambda: type(d.writeStream.partitionBy(5)).__name__)


def test_dynamic_overwrite(check, spark, tmp_path, conf):
    out = str(tmp_path / "o")
    d = spark.createDataFrame([("a", 1), ("b", 2)], "k string, v int").coalesce(1)
    d.write.partitionBy("k").json(out)
    spark.createDataFrame([("b", 3), ("c", 4)], "k string, v int").coalesce(1).write.partitionBy("k").mode("overwrite").option("partitionOverwriteMode", "dynamic").json(out)
    check.unordered(spark.read.json(out))
    conf("spark.sql.sources.partitionOverwriteMode", "dynamic")
    spark.createDataFrame([("c", 5)], "k string, v int").write.partitionBy("k").mode("overwrite").json(out)
    check.unordered(spark.read.json(out))
    spark.createDataFrame([("z", 6)], "k string, v int").write.partitionBy("k").mode("overwrite").option("partitionOverwriteMode", "STATIC").json(out)
    check.unordered(spark.read.json(out))
    check.error(lambda: d.write.mode("overwrite").option("partitionOverwriteMode", "nope").partitionBy("k").json(out))
    d.where("k = 'none'").write.partitionBy("k").mode("overwrite").json(out)
    check.unordered(spark.read.json(out))


@pytest.mark.parametrize("how", ["option", "setting"])
def test_max_records_per_file(check, spark, feed, tmp_path, conf, how):
    if how == "setting":
        conf("spark.sql.files.maxRecordsPerFile", 3)
    options = {"maxRecordsPerFile": 3} if how == "option" else {}
    count = lambda out: sorted(len(open(f).read().splitlines()) for f in glob.glob(f"{out}/**/part*", recursive=True))
    spark.range(8).coalesce(1).write.options(**options).json(str(tmp_path / "b"))
    check(count(tmp_path / "b"))
    spark.range(8).selectExpr("id", "id % 2 p").coalesce(1).write.partitionBy("p").options(**options).json(str(tmp_path / "p"))
    check(count(tmp_path / "p"))
    feed.add(" ".join("abcdefgh"))
    q = feed.frame().select("k").coalesce(1).writeStream.format("json").options(checkpointLocation=str(tmp_path / "c"), **options).trigger(availableNow=True).start(str(tmp_path / "o"))
    assert q.awaitTermination(60)
    check(count(tmp_path / "o"))


@pytest.mark.parametrize("compression", ["gzip", "deflate", "none", "nope"])
def test_compressed_output_of_a_stream(check, spark, feed, tmp_path, compression):
    feed.add("a b")
    out = str(tmp_path / "o")

    def run():
        q = feed.frame().select("k").coalesce(1).writeStream.format("json").options(checkpointLocation=str(tmp_path / "c"), compression=compression).trigger(availableNow=True).start(out)
        assert q.awaitTermination(60)
        name = os.path.basename(glob.glob(out + "/part*")[0])
        return [name[name.index("."):], sorted(r.k for r in spark.read.json(out).collect())]

    try:
        check(run())
    except Exception as e:
        check([type(e).__name__, "CODEC_NOT_AVAILABLE" in str(e)])


@pytest.mark.parametrize("retention", ["1ms", "1h", "x"])
def test_retention_of_the_sink_log(check, spark, feed, tmp_path, retention, conf):
    conf("spark.sql.streaming.fileSink.log.compactInterval", "2")
    out = str(tmp_path / "o")
    for i in range(6):
        feed.add(f"k{i}")

    def run():
        q = feed.frame().select("k").coalesce(1).writeStream.format("json").options(checkpointLocation=str(tmp_path / "c"), retention=retention).trigger(availableNow=True).start(out)
        assert q.awaitTermination(60)
        log = len(open(os.path.join(out, "_spark_metadata", "5.compact")).read().splitlines()) - 1
        read = spark.read.schema(K).json(out).count()
        return [len(glob.glob(out + "/part*")), log if retention == "1h" else log < 3, read if retention == "1h" else read < 3]

    try:
        check(run())
    except Exception as e:
        check(type(e).__name__)


def test_a_reader_given_a_sink_folder_reads_new_commits(check, spark, feed, tmp_path):
    """A stream over the folder of another stream takes what its log commits."""
    out, c = str(tmp_path / "o"), str(tmp_path / "c")
    write = lambda: feed.frame().select("k").writeStream.format("json").option("checkpointLocation", c).trigger(availableNow=True).start(out).awaitTermination(60)
    feed.add("a")
    write()
    d = spark.readStream.schema(K).json(out)

    def more():
        feed.add("b")
        write()

    check(stepwise(d, [lambda: None, lambda: (tmp_path / "o" / "stray.json").write_text('{"k":"stray"}\n'), more]))


# -- documented signatures ------------------------------------------------------------------------------------

@pytest.mark.only_ours("PySpark documents these keywords and takes them as options only")
@pytest.mark.parametrize("fmt", ["json", "parquet", "text"])
def test_keyword_options_of_stream_readers(check, spark, tmp_path, fmt):
    put(tmp_path, "a.txt", '{"k":"a"}\n', 1)
    put(tmp_path, "b.txt", '{"k":"b"}\n', 2)
    if fmt == "parquet":
        spark.createDataFrame([("p",)], K).write.parquet(str(tmp_path / "p"))
    reader = lambda: spark.readStream.schema(K)
    call = {"json": lambda **o: reader().json(str(tmp_path), **o), "text": lambda **o: reader().text(str(tmp_path), **o), "parquet": lambda **o: reader().parquet(str(tmp_path / "p"), **o)}[fmt]
    files = 1 if fmt == "parquet" else 2
    assert len(available(call(maxFilesPerTrigger=1)).batches) == files
    if fmt != "parquet":
        assert ["b" in repr(b) for b in available(call(maxFilesPerTrigger=1, latestFirst=True)).batches] == [True, False]
        assert len(available(call(pathGlobFilter="b*", recursiveFileLookup=False)).batches[0][1]) == 1
        assert available(call(modifiedAfter="2023-11-14T22:13:21")).batches[0][1] != available(call()).batches[0][1]
    assert available(call(modifiedAfter="2090-01-01T00:00:00")).batches == []


def test_larger_files_come_first(check, spark, tmp_path):
    for name, size in {"a": 1, "b": 4, "k=1/c": 2, "k=2/d": 3}.items():
        put(tmp_path / "in", f"{name}.json", "".join(f'{{"v": "{name[-1]}{i}"}}\n' for i in range(size)))
    source = str(tmp_path / "in")
    read = spark.read.schema("v string").option("recursiveFileLookup", True)
    check([r.v for r in read.json(source).collect()])
    check([r.v for r in read.json([f"{source}/a.json", f"{source}/k=1/c.json", f"{source}/b.json"]).collect()])
    check([r.v for r in read.json(source).limit(5).collect()])
    check(read.json(source).first().v)
    seen = []
    stream = spark.readStream.schema("v string").option("recursiveFileLookup", True).json(source)
    query = stream.writeStream.trigger(availableNow=True).foreachBatch(lambda df, i: seen.append(sorted(r.v for r in df.collect()))).start()
    query.awaitTermination(60)
    check(seen)
