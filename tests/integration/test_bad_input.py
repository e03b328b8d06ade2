"""Input that is wrong gives PySpark's condition; it never hangs, crashes, or spoils what comes after.

What an analysis refuses, and damaged checkpoints, are in tests/conformance with PySpark's own answers.
"""

import os
import random

import pytest

from pyspark_compat.errors import AnalysisException, PySparkException, StreamingQueryException
from pyspark_compat.sql import SparkSession
from pyspark_compat.sql import functions as F


@pytest.fixture(scope="module")
def spark():
    session = SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    yield session
    session.stop()


def run(frame, checkpoint=None, name="t", **settings):
    """Runs a stream over what is there into a memory table, and gives its rows."""
    writer = frame.writeStream.format("memory").queryName(name).trigger(availableNow=True)
    query = (writer.option("checkpointLocation", str(checkpoint)) if checkpoint else writer).start()
    query.awaitTermination(60)
    return sorted(map(tuple, frame.sparkSession.table(name).collect()), key=str)


def cause(error):
    """The condition of what ended the query."""
    assert error.getCondition() == "STREAM_FAILED" and error.getSqlState() == "XXKST"
    beneath = error._cause if getattr(error, "_cause", None) is not None else error.__cause__
    return beneath.getCondition()


LINES = '{"a": 1, "b": "x"}\nnonsense\n{"a": "text", "b": "y"}\n{"a": 4}\n'


@pytest.fixture
def malformed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(LINES)
    return str(tmp_path / "in")


@pytest.mark.parametrize("stream", [False, True])
def test_malformed_json_in_three_modes(spark, malformed, stream):
    def read(mode, schema="a LONG, b STRING"):
        frame = (spark.readStream if stream else spark.read).schema(schema).option("mode", mode).json(malformed)
        return run(frame) if stream else sorted(map(tuple, frame.collect()), key=str)

    assert read("PERMISSIVE") == sorted([(1, "x"), (None, None), (None, "y"), (4, None)], key=str)
    assert read("PERMISSIVE", "a LONG, b STRING, _corrupt_record STRING") == sorted(
        [(1, "x", None), (None, None, "nonsense"), (None, "y", '{"a": "text", "b": "y"}'), (4, None, None)], key=str)
    assert read("DROPMALFORMED") == sorted([(1, "x"), (4, None)], key=str)
    with pytest.raises(PySparkException) as caught:
        read("FAILFAST")
    condition = cause(caught.value) if stream else caught.value.getCondition()
    assert condition == "FAILED_READ_FILE.NO_HINT" and "MALFORMED_RECORD_IN_PARSING" in str(caught.value)
    assert spark.range(3).count() == 3


@pytest.mark.parametrize("form", ["json", "parquet", "text"])
def test_a_missing_path(spark, tmp_path, form):
    for reader in (spark.read, spark.readStream.schema("value STRING")):
        with pytest.raises(AnalysisException) as caught:
            getattr(reader, form)(str(tmp_path / "nowhere"))
        assert caught.value.getCondition() == "PATH_NOT_FOUND" and caught.value.getSqlState() == "42K03"


def test_empty_files(spark, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a.json", "b.json"):
        (tmp_path / "in" / name).touch()
    assert spark.read.schema("a LONG").json(str(tmp_path / "in")).collect() == []
    assert run(spark.readStream.schema("a LONG").json(str(tmp_path / "in"))) == []
    assert spark.read.text(str(tmp_path / "in")).count() == 0
    with pytest.raises(PySparkException) as caught:
        spark.read.parquet(str(tmp_path / "in"))
        spark.read.schema("a LONG").parquet(str(tmp_path / "in")).collect()
    assert caught.value.getCondition().startswith(("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER", "UNABLE_TO_INFER_SCHEMA"))


def test_a_file_that_vanishes_before_it_is_read(spark, tmp_path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text('{"a": 1}\n')
    frame = spark.read.schema("a LONG").json(str(tmp_path))
    (tmp_path / "b.json").unlink()
    with pytest.raises(PySparkException) as caught:
        frame.collect()
    assert caught.value.getCondition() == "FAILED_READ_FILE.FILE_NOT_EXIST"
    (tmp_path / "b.json").write_text('{"a": 2}\n')
    assert frame.count() == 2


def test_a_file_that_shrinks_or_grows_before_it_is_read(spark, tmp_path):
    """The rows that are still there come, or an error by name."""
    for form, whole in (("json", '{"v": 1}\n' * 1000), ("text", "v\n" * 1000)):
        path = tmp_path / form
        path.mkdir()
        (path / "f").write_text(whole)
        frame = getattr(spark.read.schema("v STRING"), form)(str(path))
        (path / "f").write_text(whole[:len(whole) // 2])
        assert frame.count() == 500
        (path / "f").write_text(whole * 2)
        assert 1000 <= frame.count() <= 2000
    table = tmp_path / "parquet"
    spark.range(1000).coalesce(1).write.parquet(str(table))
    frame = spark.read.parquet(str(table))
    file = next(p for p in table.iterdir() if p.name.startswith("part-"))
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(PySparkException) as caught:
        frame.collect()
    assert caught.value.getCondition().startswith(("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER"))
    assert spark.range(3).count() == 3


def test_a_stream_whose_logged_file_is_gone(spark, tmp_path):
    """As in PySpark, a file that vanished between its entry in the log and its reading is no rows and no failure."""
    (tmp_path / "in").mkdir()
    for n in range(2):
        (tmp_path / "in" / f"{n}.json").write_text(f'{{"v": {n}}}\n')
    seen, deadly = [], [True]

    def batch(frame, epoch):
        seen.append((epoch, sorted(r.v for r in frame.collect())))
        if deadly[0]:
            raise ValueError("once")

    def start():
        rows = spark.readStream.schema("v LONG").json(str(tmp_path / "in"))
        query = rows.writeStream.foreachBatch(batch).option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start()
        query.awaitTermination(60)

    with pytest.raises(StreamingQueryException):
        start()
    (tmp_path / "in" / "0.json").unlink()
    (tmp_path / "in" / "2.json").write_text('{"v": 2}\n')
    deadly[0] = False
    start()
    assert seen == [(0, [0, 1]), (0, [1]), (1, [2])]


@pytest.mark.parametrize("result, kind", [
    (lambda v: "text", "long"), (lambda v: [v], "long"), (lambda v: v, "string"), (lambda v: object(), "long"), (lambda v: v, "array<long>"),
    (lambda v: {"a": 1}, "struct<a: long, b: string>"), (lambda v: (1, 2, 3), "struct<a: long, b: long>"), (lambda v: 1 << 70, "long"),
    (lambda v: b"x", "string"), (lambda v: None, "long")])
def test_a_function_of_the_wrong_type(spark, result, kind):
    """It gives a value of the declared type, null, or PySpark's exception; and the next run is as ever."""
    try:
        rows = spark.range(3).select(F.udf(result, kind)("id").alias("v")).collect()
        assert len(rows) == 3
    except PySparkException as e:
        assert e.getCondition() and e.getSqlState()
    assert [r[0] for r in spark.range(3).select(F.udf(lambda v: v, "long")("id")).collect()] == [0, 1, 2]


def test_a_function_that_raises_ends_its_query_with_the_users_line(spark, tmp_path):
    (tmp_path / "a.json").write_text('{"v": 0}\n')

    @F.udf("long")
    def broken(v):
        return 1 // v

    with pytest.raises(StreamingQueryException) as caught:
        run(spark.readStream.schema("v LONG").json(str(tmp_path)).select(broken("v")), name="broken")
    text = str(caught.value)
    assert "ZeroDivisionError" in text and "test_bad_input.py" in text and "in broken" in text and "return 1 // v" in text
    assert cause(caught.value) == "PYTHON_EXCEPTION"


def test_a_checkpoint_of_another_query(spark, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text('{"k": "a", "v": 1}\n')

    def start(frame):
        query = frame.writeStream.outputMode("update").foreachBatch(lambda frame, epoch: None).trigger(availableNow=True) \
            .option("checkpointLocation", str(tmp_path / "c")).start()
        query.awaitTermination(60)

    rows = spark.readStream.schema("k STRING, v LONG").json(str(tmp_path / "in"))
    start(rows.groupBy("k").count())
    for frame, condition in ((rows.groupBy("v").count(), "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE"),
                             (rows.groupBy("k").agg(F.sum("v"), F.avg("v")), "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE")):
        with pytest.raises(StreamingQueryException) as caught:
            start(frame)
        assert cause(caught.value) == condition
    start(rows.groupBy("k").count())


def test_an_unknown_format_and_unknown_column(spark, tmp_path):
    with pytest.raises(PySparkException) as caught:
        spark.read.format("nothing").load(str(tmp_path))
    assert caught.value.getCondition() == "DATA_SOURCE_NOT_FOUND"
    with pytest.raises(AnalysisException) as caught:
        spark.range(1).select("idd")
    assert caught.value.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION" and caught.value.getSqlState() == "42703"
    twice = spark.range(1).select("id", F.col("id").alias("ID"))
    with pytest.raises(AnalysisException) as caught:
        twice.select("id")
    assert caught.value.getCondition() == "AMBIGUOUS_REFERENCE" and caught.value.getSqlState() == "42704"
    with pytest.raises(AnalysisException) as caught:
        spark.range(1).select(F.col("id") + F.array(F.lit(1)))
    assert caught.value.getCondition() == "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES" and caught.value.getSqlState() == "42K09"


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_damaged_files_never_crash(spark, tmp_path, form):
    """Bytes changed, lost and put in at random places: rows, or an error by name."""
    frame = spark.range(300).select("id", F.col("id").cast("string").alias("s"), (F.col("id") * 1.5).alias("d"), F.array("id", F.lit(1)).alias("a"),
                                    F.struct("id").alias("st"), F.lit(None).cast("int").alias("n"))
    getattr(frame.coalesce(1).write, form)(str(tmp_path / "whole"))
    whole = next(p for p in (tmp_path / "whole").iterdir() if p.name.startswith("part-")).read_bytes()
    rng, conditions = random.Random(20240101), set()
    path = tmp_path / f"damaged.{form}"
    for trial in range(120):
        damaged = bytearray(whole)
        for _ in range(rng.choice([1, 1, 2, 5, 20])):
            at, kind = rng.randrange(len(damaged)), rng.random()
            if kind < 0.6:
                damaged[at] = rng.randrange(256)
            elif kind < 0.8:
                del damaged[at:at + rng.randrange(50)]
            else:
                damaged[at:at] = rng.randbytes(9)
        path.write_bytes(damaged)
        try:
            getattr(spark.read.schema(frame.schema) if trial % 2 else spark.read, form)(str(path)).toArrow()
        except PySparkException as e:
            conditions.add(e.getCondition())
    assert conditions <= {"FAILED_READ_FILE.NO_HINT", "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER"}, conditions
    assert conditions or form == "json"
    assert spark.range(3).count() == 3
