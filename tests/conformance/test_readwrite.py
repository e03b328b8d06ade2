"""Files: parquet, json and text, written in the four save modes and read back; folders, options, what is refused."""

import datetime
import decimal
import os

import pytest

FORMATS = ["parquet", "json"]


@pytest.fixture
def frame(spark):
    return spark.createDataFrame([(1, "a", 1.5), (2, None, None), (3, "c", -0.5)], "id int, s string, d double").coalesce(1)


def names(folder):
    """What kinds of files a folder holds: data files by suffix, and _SUCCESS."""
    seen = sorted(f for f in os.listdir(folder) if not f.startswith("."))
    return [f if f.startswith("_") or os.path.isdir(os.path.join(folder, f)) else "part" + f[f.index("."):] for f in seen]


@pytest.mark.parametrize("fmt", FORMATS)
def test_there_and_back(check, spark, frame, tmp_path, fmt):
    out = str(tmp_path / "o")
    frame.write.format(fmt).save(out)
    check(names(out))
    check(spark.read.format(fmt).load(out))
    check(spark.read.format(fmt).schema("s string, id bigint, zz int" if fmt == "json" else "s string, id int, zz int").load(out))


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("mode", ["append", "overwrite", "ignore", "error", "errorifexists", "default", "Append", "nope"])
def test_modes(check, spark, frame, tmp_path, fmt, mode):
    out = str(tmp_path / "o")
    frame.write.format(fmt).save(out)
    try:
        frame.where("id = 1").write.format(fmt).mode(mode).save(out)
        check.unordered(spark.read.format(fmt).load(out).select("id"))
    except Exception as e:
        check(e)


@pytest.mark.parametrize("fmt", FORMATS)
def test_default_mode_is_error(check_error, frame, tmp_path, fmt):
    out = str(tmp_path / "o")
    getattr(frame.write, fmt)(out)
    check_error(lambda: getattr(frame.write, fmt)(out))


@pytest.mark.parametrize("fmt", FORMATS)
def test_failure_leaves_nothing(check, spark, F, tmp_path, fmt):
    out = str(tmp_path / "o")
    bad = spark.range(0, 1000, 1, 2).select("id", (F.lit(1) / F.when(F.col("id") == 777, 0).otherwise(1)).alias("x"))
    check.error(lambda: bad.write.format(fmt).save(out))
    check([f for f in os.listdir(out) if not f.startswith((".", "_temporary"))] if os.path.exists(out) else [])
    spark.range(3).write.format(fmt).mode("overwrite").save(out)
    check.error(lambda: bad.write.format(fmt).mode("append").save(out))
    check(spark.read.format(fmt).load(out).orderBy("id"))


def test_text(check, spark, tmp_path):
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "a.txt").write_text("one\ntwo\r\n\nfour")
    check(spark.read.text(str(folder)))
    check(spark.read.text(str(folder), wholetext=True))
    check(spark.read.text(str(folder), lineSep="o"))
    check(spark.read.schema("x string").text(str(folder)))
    check.error(lambda: spark.read.schema("x int").text(str(folder)))
    check.error(lambda: spark.read.schema("x string, y string").text(str(folder)))
    (folder / "b.txt").write_bytes(b"bad \xff byte\n")
    check.unordered(spark.read.text(str(folder / "b.txt")))


def test_write_text(check, spark, tmp_path):
    out = str(tmp_path / "o")
    spark.createDataFrame([("a",), (None,), ("c",)], "s string").coalesce(1).write.text(out)
    check(names(out))
    check(spark.read.text(out))
    check.error(lambda: spark.range(1).write.text(str(tmp_path / "p")))


TYPES = "b boolean, t tinyint, s smallint, i int, l bigint, f float, d double, m decimal(10,2), w decimal(30,5), x string, y binary, e date, z timestamp, n timestamp_ntz, a array<int>, p map<string,int>, q struct<u:int,v:array<string>>"


@pytest.fixture
def wide(spark):
    row = (True, 1, 2, 3, 4, 1.5, 2.5, decimal.Decimal("1.10"), decimal.Decimal("12345678901234567890.12345"), "ä", b"\x00\x01", datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4, 5, 678901), datetime.datetime(2024, 1, 2, 3, 4, 5), [1, None], {"k": 1, "j": None}, (1, ["x", None]))
    return spark.createDataFrame([row, (None,) * 17], TYPES).coalesce(1)


def test_all_types_parquet(check, spark, wide, tmp_path):
    wide.write.parquet(str(tmp_path / "o"))
    check(spark.read.parquet(str(tmp_path / "o")))
    check(spark.read.parquet(str(tmp_path / "o")).schema)
    check(spark.read.parquet(str(tmp_path / "o")).where("i = 3 and z > '2024-01-01'").select("l", "q.v"))


def test_all_types_json(check, spark, wide, tmp_path):
    wide.write.json(str(tmp_path / "o"))
    text = [open(os.path.join(tmp_path / "o", f)).read() for f in os.listdir(tmp_path / "o") if f.startswith("part")]
    check(text)
    check(spark.read.schema(TYPES).json(str(tmp_path / "o")))
    check(spark.read.json(str(tmp_path / "o")).schema)
    wide.select("i", "x").write.json(str(tmp_path / "n"), ignoreNullFields=False)
    check([open(os.path.join(tmp_path / "n", f)).read() for f in os.listdir(tmp_path / "n") if f.startswith("part")])


def test_json_write_options(check, spark, tmp_path):
    d = spark.range(1).selectExpr("timestamp'2024-01-02 03:04:05.5' as t", "date'2024-01-02' as d", "'ä\"/\\n' as s").coalesce(1)
    for i, options in enumerate([{"timestampFormat": "yyyy/MM/dd"}, {"dateFormat": "dd.MM.yyyy"}, {"compression": "gzip"}, {"lineSep": "|"}]):
        d.write.options(**options).json(str(tmp_path / str(i)))
        check(names(tmp_path / str(i)))
        check(spark.read.text(str(tmp_path / str(i))))


@pytest.mark.parametrize("codec", ["snappy", "gzip", "zstd", "none", "uncompressed", "lz4", "nope"])
def test_parquet_codecs(check, spark, frame, tmp_path, codec):
    try:
        frame.write.parquet(str(tmp_path / "o"), compression=codec)
        check(names(tmp_path / "o"))
        check(spark.read.parquet(str(tmp_path / "o")))
    except Exception as e:
        check(e)


def test_empty_frames(check, spark, tmp_path):
    spark.createDataFrame([], "a int, b string").write.parquet(str(tmp_path / "p"))
    check(spark.read.parquet(str(tmp_path / "p")))
    spark.createDataFrame([], "a int").write.json(str(tmp_path / "j"))
    check.outcome(lambda: spark.read.json(str(tmp_path / "j")))
    check.error(lambda: spark.range(1).select().write.parquet(str(tmp_path / "n")))
    check.error(lambda: spark.range(1).selectExpr("null as n", "map(1,2) as m").write.parquet(str(tmp_path / "v")))
    check.error(lambda: spark.range(1).selectExpr("1 as a", "2 as a").write.parquet(str(tmp_path / "d")))
    check.error(lambda: spark.range(1).selectExpr("1 as `a b`").write.parquet(str(tmp_path / "s")))


def test_folders(check, spark, frame, tmp_path):
    for i, place in enumerate(["day=2024-01-02/h=07", "day=2024-01-03/h=10", "day=__HIVE_DEFAULT_PARTITION__/h=8"]):
        frame.where(f"id = {i + 1}").write.json(str(tmp_path / "o" / place))
    check.unordered(spark.read.json(str(tmp_path / "o")))
    check.unordered(spark.read.schema("id int, h string").json(str(tmp_path / "o")))
    check.unordered(spark.read.schema("id int, day string, h int").json(str(tmp_path / "o")))
    check.unordered(spark.read.json(str(tmp_path / "o" / "day=2024-01-02")))
    check.unordered(spark.read.json(str(tmp_path / "o")).where("h = 10").select("id", "day"))
    check.unordered(spark.read.json(str(tmp_path / "o" / "day=*" / "h=1*")))
    check.unordered(spark.read.option("basePath", str(tmp_path / "o")).json(str(tmp_path / "o" / "day=2024-01-02")))
    check.unordered(spark.read.option("recursiveFileLookup", True).schema("id int").json(str(tmp_path / "o")))


def test_which_files_count(check, spark, tmp_path):
    for i, name in enumerate(["a.json", "_b.json", ".c.json", "d.json._COPYING_", "e.txt", "f.json"]):
        (tmp_path / name).write_text(f'{{"i":{i}}}\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "g.json").write_text('{"i":100}\n')
    reader = spark.read.schema("i int")
    check.unordered(reader.json(str(tmp_path)))
    check.unordered(reader.option("pathGlobFilter", "*.json").json(str(tmp_path)))
    check.unordered(spark.read.schema("i int").json(str(tmp_path / "*.json")))
    check.unordered(spark.read.schema("i int").json(str(tmp_path), recursiveFileLookup=True))
    check.unordered(spark.read.schema("i int").json([str(tmp_path / "a.json"), str(tmp_path / "f.json")]))
    check.unordered(spark.read.schema("i int").json(str(tmp_path / "{a,f}.json")))
    check.unordered(spark.read.schema("i int").json("file://" + str(tmp_path / "a.json")))
    check.unordered(spark.read.schema("i int").json(str(tmp_path / "[ae].*")))


def test_missing_and_broken(check, spark, tmp_path):
    missing = str(tmp_path / "no")
    for fmt in ["parquet", "json", "text"]:
        check.error(lambda: spark.read.format(fmt).load(missing))
        check.error(lambda: spark.read.schema("a int" if fmt != "text" else "a string").format(fmt).load(missing))
    check.error(lambda: spark.read.json(missing + "*"))
    (tmp_path / "e").mkdir()
    check.error(lambda: spark.read.parquet(str(tmp_path / "e")))
    check.error(lambda: spark.read.json(str(tmp_path / "e")))
    check.outcome(lambda: spark.read.schema("a int").parquet(str(tmp_path / "e")))
    check.outcome(lambda: spark.read.schema("a int").json(str(tmp_path / "e")))
    (tmp_path / "bad.parquet").write_bytes(b"this is not parquet at all, not in the least")
    check.error(lambda: spark.read.parquet(str(tmp_path / "bad.parquet")))
    check.error(lambda: spark.read.schema("a int").parquet(str(tmp_path / "bad.parquet")).collect())
    (tmp_path / "zero.parquet").write_bytes(b"")
    check.error(lambda: spark.read.parquet(str(tmp_path / "zero.parquet")))
    (tmp_path / "zero.json").write_text("")
    check.outcome(lambda: spark.read.schema("a int").json(str(tmp_path / "zero.json")))
    check.error(lambda: spark.read.format("nope").load(missing))
    check.error(lambda: spark.read.load())
    check.error(lambda: spark.read.json(5))
    check.error(lambda: spark.read.schema(5))
    check.error(lambda: spark.read.schema("nonsense type here"))
    check.error(lambda: spark.range(1).write.format("nope").save(missing))
    check.error(lambda: spark.range(1).write.save())
    check.error(lambda: spark.range(1).write.json(5))


def test_parquet_type_mismatch(check, spark, tmp_path):
    spark.range(3).selectExpr("id", "cast(id as string) s", "cast(id as int) i").write.parquet(str(tmp_path / "o"))
    for schema in ["id string", "s int", "i bigint", "id int", "i double", "s binary", "ID bigint", "i string"]:
        try:
            check.unordered(spark.read.schema(schema).parquet(str(tmp_path / "o")))
        except Exception as e:
            check(e)


def test_parquet_many_files_and_merge(check, spark, tmp_path):
    spark.range(2).selectExpr("id", "1 as a").write.parquet(str(tmp_path / "o" / "x"))
    spark.range(2).selectExpr("id", "'q' as b").write.parquet(str(tmp_path / "o" / "y"))
    check.unordered(spark.read.option("mergeSchema", True).parquet(str(tmp_path / "o" / "x"), str(tmp_path / "o" / "y")))
    check.unordered(spark.read.parquet(str(tmp_path / "o" / "x"), str(tmp_path / "o" / "x")))


def test_overwrite_what_is_read(check, spark, tmp_path):
    out = str(tmp_path / "o")
    spark.range(3).write.parquet(out)
    check.error(lambda: spark.read.parquet(out).write.mode("overwrite").parquet(out))


def test_file_vanishes(check, spark, tmp_path):
    (tmp_path / "a.json").write_text('{"i":1}\n')
    d = spark.read.schema("i int").json(str(tmp_path))
    (tmp_path / "a.json").unlink()
    check.error(d.collect)


def test_load_and_option_forms(check, spark, frame, tmp_path):
    out = str(tmp_path / "o")
    frame.write.save(out, "json")
    check(spark.read.load(out, "json", "id int"))
    check(spark.read.load(out, format="json", schema="id int, s string", primitivesAsString=True))
    check(spark.read.option("path", out).format("json").load())
    check(spark.read.options(mode="PERMISSIVE", multiLine=False).json(out).count())
    frame.write.mode("overwrite").option("path", out).format("json").save()
    check(spark.read.json(path=out))


def test_metadata_column(check, spark, tmp_path):
    (tmp_path / "a.json").write_text('{"i":1}\n')
    check.outcome(lambda: spark.read.schema("i int").json(str(tmp_path)).select("i", "_metadata.file_name", "_metadata.file_size"))


def test_sql_names_files(check, spark, tmp_path):
    p, j, c = (str(tmp_path / n) for n in ("p", "j", "c"))
    spark.range(3).write.parquet(p)
    spark.range(2).selectExpr("id", "concat('n', id) as name").write.json(j)
    spark.range(2).selectExpr("id", "id * 2 as d").coalesce(1).write.option("header", True).csv(c)
    for text in (f"select * from parquet.`{p}`", f"select * from PARQUET.`file://{p}`", f"select count(*) from json.`{j}/*`", f"select * from csv.`{c}`", f"select x.id, y.name from parquet.`{p}` x join json.`{j}` y using (id)",
                 f"with t as (select * from text.`{c}`) select count(*) from t", f"select * from parquet.`{p}/no`", "select * from foo.`p`", "select * from json.``", "select * from rate.`p`", "select * from a.json.`p`"):
        check.outcome(lambda: sorted(map(tuple, spark.sql(text).collect())))
    check.error(lambda: spark.sql("select `p`.id from parquet.`" + p + "`"))
    check([spark.table(f"parquet.`{p}`").count(), spark.read.table(f"json.`{j}`").dtypes, spark.readStream.table(f"parquet.`{p}`").isStreaming])
    spark.sql(f"create or replace temp view of_files as select * from json.`{j}`")
    check.unordered(spark.table("of_files"))
    check.error(lambda: spark.readStream.schema("id int").json(j).inputFiles())


def test_text_takes_one_column_of_text(check, spark, tmp_path):
    for columns in (["id"], ["'a' x", "'b' y"], ["'a' x", "id"], ["id", "'a' x"], ["array('a') x", "'b' y"]):
        check.error(lambda: spark.range(1).selectExpr(*columns).write.text(str(tmp_path / "t")))
