"""Paths that cannot be folders, for a file stands in the way; and other calls whose errors have a text of their own."""

import pytest

from contexts import run_refusal


@pytest.fixture
def sc(spark):
    return spark.sparkContext


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    return path


@pytest.mark.parametrize("mode", ["errorifexists", "append", "overwrite", "ignore"])
@pytest.mark.parametrize("fmt", ["json", "parquet"])
def test_save(check, spark, file, fmt, mode):
    writer = spark.createDataFrame([(1, "y")], "id int, t string").write.mode(mode).format(fmt)
    check.outcome(lambda: writer.save(str(file / "x")))
    check.outcome(lambda: writer.save(str(file / "x" / "y" / "z")))
    check(file.read_text())
    check.outcome(lambda: writer.save(str(file)))
    check(file.is_file())


def test_other_writers(check, spark, sc, feed, file):
    frame = spark.createDataFrame([(1, "y")], "id int, t string")
    check.error(lambda: frame.write.option("path", str(file / "t")).saveAsTable("in_the_way"))
    check(run_refusal(lambda: sc.parallelize([1]).saveAsTextFile(str(file / "x"))))
    check(run_refusal(lambda: sc.parallelize([1]).saveAsPickleFile(str(file / "x"))))
    check(run_refusal(lambda: sc.setCheckpointDir(str(file / "x"))))
    check(file.read_text())


def test_streams(check, feed, file, tmp_path):
    stream = lambda path, checkpoint: feed.frame().writeStream.format("parquet").option("checkpointLocation", str(checkpoint)).start(str(path))
    check.error(lambda: stream(file / "x", tmp_path / "c1"))
    check.error(lambda: stream(file, tmp_path / "c2"))
    check.error(lambda: stream(tmp_path / "out1", file / "x"))
    check.error(lambda: stream(tmp_path / "out2", file))
    check(file.read_text())


def test_readers(check, spark, file):
    check.error(lambda: spark.read.json(str(file / "x")))
    check.error(lambda: spark.readStream.schema("a int").json(str(file / "x")))


ON = {"a column": lambda a, b: ["id", a.id == b.id], "a number": lambda a, b: ["id", 3], "bytes": lambda a, b: ["id", b"id"],
      "a list": lambda a, b: ["id", ["s"]], "a name twice": lambda a, b: ["id", "id"], "a name behind a condition": lambda a, b: [a.id == b.id, "x"], "a number first": lambda a, b: [3]}


@pytest.mark.parametrize("case", ON)
def test_join_on_a_list(check, spark, case):
    a, b = spark.createDataFrame([(1, "x")], "id int, s string"), spark.createDataFrame([(1, "y")], "id int, t string")
    check.outcome(lambda: a.join(b, ON[case](a, b)).collect())


ZIPS = {"by one": (4, 5), "nothing": (4, 0), "to nothing": (0, 4), "by a batch": (3000, 3001), "by many batches": (3000, 30)}


@pytest.mark.parametrize("case", ZIPS)
def test_zip_of_other_lengths(check, sc, case):
    zipped = sc.parallelize(range(ZIPS[case][0]), 2).zip(sc.parallelize(range(ZIPS[case][1]), 2))
    for action in (zipped.collect, zipped.count, zipped.map(str).collect, lambda: zipped.take(5000)):
        check(run_refusal(action))


@pytest.mark.parametrize("schema", ["a int", "a int, b string", "a int, _corrupt_record string", None])
@pytest.mark.parametrize("text", ['{"a": ', "xx", "[1]", "5", '["x"]', ""])
def test_failfast_of_json_lines(check, spark, sc, schema, text):
    reader = spark.read.option("mode", "FAILFAST")
    check.outcome(lambda: (reader.schema(schema) if schema else reader).json(sc.parallelize(['{"a": 1}', text], 1)).collect())


def bad_record(function):
    """What a FAILFAST names as the malformed record: PySpark's JVM says it only in its text."""
    import re

    try:
        return function()
    except Exception as e:
        found = re.search(r"(?:record parsing: |The record )(\[.*?\])", str(e))
        return found and found.group(1)


@pytest.mark.parametrize("schema", ["a int", "a int, b string", "a int, b int, c int", "a int, b date, c timestamp"])
def test_failfast_of_csv_lines(check, spark, sc, F, schema):
    for text in ("x", "1", "1,2,3,4", "x,y", "1,y,3", "é,1", "1,2020-01-02,x"):
        check(bad_record(lambda: spark.read.csv(sc.parallelize([text], 1), schema=schema, mode="FAILFAST").collect()))
        check(bad_record(lambda: spark.createDataFrame([(text,)], "v string").select(F.from_csv("v", schema, {"mode": "FAILFAST"})).collect()))
    for text in ('{"a": ', "xx", "[1]"):
        check(bad_record(lambda: spark.read.json(sc.parallelize([text], 1), schema=schema, mode="FAILFAST").collect()))
