"""Tables of the session catalog: saveAsTable, insertInto, toTable, readStream.table, SQL's CREATE, DROP and SHOW TABLES,
spark.catalog. The catalog's answers are those of a catalog that nobody else writes to."""

import os
import pathlib
import subprocess
import sys

import pytest

from streams import available, with_rows


@pytest.fixture(autouse=True)
def no_tables(spark):
    """Each test begins and ends without tables."""
    def clear():
        for t in spark.catalog.listTables():
            if t.isTemporary:
                spark.catalog.dropTempView(t.name)
            else:
                spark.sql(f"DROP TABLE IF EXISTS `{t.name}`")

    clear()
    yield
    for query in spark.streams.active:
        query.stop()
    clear()


@pytest.fixture
def warehouse(spark, check):
    """The folder of managed tables."""
    folder = spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:")
    folder = os.path.abspath("/" + folder.lstrip("/") if folder.startswith("/") else folder)
    check.canon.folders.append(folder)
    return pathlib.Path(folder)


@pytest.fixture
def frame(spark):
    return spark.createDataFrame([(1, "a"), (2, "b")], "id int, s string").coalesce(1)


def kinds(folder):
    return sorted({f[f.index("."):] if f.startswith("part") else f for f in os.listdir(folder) if not f.startswith(".")})


FORMATS = [None, "parquet", "json"]


@pytest.mark.parametrize("fmt", FORMATS)
def test_save_as_table(check, spark, frame, warehouse, fmt):
    frame.write.saveAsTable("t1", format=fmt)
    check.unordered(spark.table("t1"))
    check(spark.table("t1").schema)
    check.unordered(spark.read.table("t1"))
    check.unordered(spark.sql("select * from t1 where id > 1"))
    check.unordered(spark.table("default.t1"))
    check.unordered(spark.table("spark_catalog.default.t1"))
    check.unordered(spark.table("T1").select("t1.id"))
    check(kinds(warehouse / "t1"))


MODES = ["append", "overwrite", "ignore", "error", "errorifexists"]


@pytest.mark.parametrize("mode", MODES)
def test_modes(check, spark, frame, mode):
    frame.write.mode(mode).saveAsTable("t1")
    check.unordered(spark.table("t1"))
    other = spark.createDataFrame([(3, "c")], "id int, s string")
    check.outcome(lambda: other.write.saveAsTable("t1", mode=mode))
    check.unordered(spark.table("t1"))


def test_append_by_position_and_name(check, spark, frame):
    frame.write.saveAsTable("t1")
    rows = lambda schema: spark.createDataFrame([("x", 9)] if schema.startswith("s") else [(9, "x")], schema)
    check.outcome(lambda: rows("s string, id int").write.mode("append").saveAsTable("t1"))
    check.unordered(spark.table("t1"))
    check.outcome(lambda: rows("id int, z string").write.mode("append").saveAsTable("t1"))
    check.outcome(lambda: spark.createDataFrame([(9,)], "id int").write.mode("append").saveAsTable("t1"))
    check.outcome(lambda: spark.createDataFrame([(9, "x", 1)], "id int, s string, n int").write.mode("append").saveAsTable("t1"))
    check.outcome(lambda: rows("id bigint, s string").write.mode("append").saveAsTable("t1"))
    check.outcome(lambda: spark.createDataFrame([("nine", "x")], "id string, s string").write.mode("append").saveAsTable("t1"))
    check.outcome(lambda: frame.write.mode("append").format("json").saveAsTable("t1"))
    check.outcome(lambda: frame.write.mode("append").format("parquet").saveAsTable("t1"))
    check.unordered(spark.table("t1"))


def test_insert_into(check, spark, frame):
    frame.write.saveAsTable("t1")
    check.outcome(lambda: spark.createDataFrame([(5, "e")], "x int, y string").write.insertInto("t1"))
    check.unordered(spark.table("t1"))
    check.outcome(lambda: spark.createDataFrame([(6, "f")], "x bigint, y string").write.insertInto("t1", overwrite=True))
    check.unordered(spark.table("t1"))
    check.outcome(lambda: spark.createDataFrame([("q", "f")], "x string, y string").write.insertInto("t1"))
    check.outcome(lambda: spark.createDataFrame([(6, 7)], "x int, y int").write.insertInto("t1"))
    check.outcome(lambda: spark.createDataFrame([(2**40, "big")], "x bigint, y string").write.insertInto("t1"))
    check.outcome(lambda: spark.range(1).write.insertInto("t1"))
    check.outcome(lambda: frame.selectExpr("*", "1 as more").write.insertInto("t1"))
    check.outcome(lambda: frame.write.insertInto("nothing"))
    check.outcome(lambda: frame.write.mode("overwrite").insertInto("t1"))
    check.unordered(spark.table("t1"))
    check.outcome(lambda: frame.write.partitionBy("s").insertInto("t1"))
    check.outcome(lambda: frame.write.insertInto(5))


def test_insert_into_partitions(check, spark, frame, warehouse, conf):
    frame.write.partitionBy("s").saveAsTable("t1")
    check(spark.table("t1").columns)
    check.outcome(lambda: spark.createDataFrame([(7, "a"), (8, "c")], "id int, s string").coalesce(1).write.insertInto("t1"))
    check.unordered(spark.table("t1"))
    check(sorted(n for n in os.listdir(warehouse / "t1") if "=" in n))
    conf("spark.sql.sources.partitionOverwriteMode", "dynamic")
    check.outcome(lambda: spark.createDataFrame([(9, "a")], "id int, s string").write.insertInto("t1", overwrite=True))
    check.unordered(spark.table("t1"))
    conf("spark.sql.sources.partitionOverwriteMode", "static")
    check.outcome(lambda: spark.createDataFrame([(10, "z")], "id int, s string").write.insertInto("t1", overwrite=True))
    check.unordered(spark.table("t1"))


def test_partitioned_table(check, spark, warehouse):
    d = spark.createDataFrame([(1, "a", 10), (2, None, 20), (3, "x/y", 10)], "id int, s string, n int").coalesce(1)
    d.write.saveAsTable("t1", partitionBy=["s", "n"], format="json")
    check.unordered(spark.table("t1"))
    check.unordered(spark.table("t1").where("n = 10 and s = 'x/y'"))
    check([[c.name, c.dataType, c.nullable, c.isPartition, c.isBucket] for c in spark.catalog.listColumns("t1")])
    check.outcome(lambda: d.write.mode("append").partitionBy("s", "n").saveAsTable("t1"))
    check.outcome(lambda: d.write.mode("append").format("json").partitionBy("s").saveAsTable("t1"))
    check.outcome(lambda: d.write.mode("append").format("json").saveAsTable("t1"))
    check.outcome(lambda: d.write.mode("append").format("json").partitionBy("s", "n").saveAsTable("t1"))
    check(spark.table("t1").count())
    check.outcome(lambda: d.write.mode("overwrite").partitionBy("nothing").saveAsTable("t1"))


def test_overwrite_changes_the_table(check, spark, frame, warehouse):
    frame.write.saveAsTable("t1")
    d = spark.createDataFrame([(1.5, True)], "d double, b boolean")
    d.write.mode("overwrite").format("json").saveAsTable("t1")
    check.unordered(spark.table("t1"))
    check(kinds(warehouse / "t1"))
    check.outcome(lambda: spark.table("t1").write.mode("overwrite").format("json").saveAsTable("t1"))


def test_external_table(check, spark, frame, tmp_path, warehouse):
    frame.write.option("path", str(tmp_path / "ext")).format("json").saveAsTable("t1")
    check.unordered(spark.table("t1"))
    check(kinds(tmp_path / "ext"))
    check(os.path.exists(warehouse / "t1"))
    check(spark.catalog.getTable("t1").tableType)
    spark.sql("DROP TABLE t1")
    check(kinds(tmp_path / "ext"))
    check(spark.catalog.tableExists("t1"))


def test_names(check, spark, frame):
    for name in ["default.t2", "spark_catalog.default.t3", "`odd name`", "other.t", "a.b.c.d", "1x", "", "t-1", "`a/b`", "`a.b`", 5, "T2"]:
        check.outcome(lambda: frame.write.saveAsTable(name))
    check(sorted(t.name for t in spark.catalog.listTables()))
    check.outcome(lambda: spark.table("`odd name`").count())
    check.outcome(lambda: spark.table("other.t"))
    check.outcome(lambda: spark.table("nothing"))
    check.outcome(lambda: spark.table("a.b.c"))
    check.outcome(lambda: spark.read.table("default.nothing"))
    check.outcome(lambda: spark.table("t2").select("default.t2.id", "spark_catalog.default.t2.s", "t2.id").columns)


def test_a_folder_is_no_table(check, spark, frame, warehouse):
    frame.write.parquet(str(warehouse / "plain"))
    check.outcome(lambda: spark.table("plain"))
    check.outcome(lambda: spark.catalog.tableExists("plain"))
    check.outcome(lambda: frame.write.saveAsTable("plain"))
    check.outcome(lambda: frame.write.mode("append").saveAsTable("plain"))
    check.outcome(lambda: spark.sql("CREATE TABLE plain (id int) USING parquet"))
    check.outcome(lambda: frame.write.mode("overwrite").saveAsTable("plain"))
    import shutil

    spark.sql("DROP TABLE IF EXISTS plain")
    shutil.rmtree(warehouse / "plain", ignore_errors=True)


def test_views_and_tables(check, spark, frame):
    frame.write.saveAsTable("t1")
    spark.range(1).createOrReplaceTempView("t1")
    check.unordered(spark.table("t1"))
    check.unordered(spark.table("default.t1"))
    check([[t.name, t.tableType, t.isTemporary, t.namespace, t.catalog] for t in spark.catalog.listTables()])
    check.outcome(lambda: frame.write.mode("append").saveAsTable("t1"))
    check.outcome(lambda: frame.write.insertInto("t1"))
    check.outcome(lambda: spark.sql("DROP TABLE t1").collect())
    check(spark.catalog.dropTempView("t1"))
    check.unordered(spark.table("t1"))
    spark.range(1).createOrReplaceTempView("only_view")
    check.outcome(lambda: frame.write.saveAsTable("only_view"))
    check.outcome(lambda: spark.table("only_view").columns)
    check.outcome(lambda: spark.sql("DROP TABLE IF EXISTS only_view").collect())


# -- SQL ------------------------------------------------------------------------------------------------------

def test_create_and_drop(check, spark, warehouse):
    run = lambda text: check.outcome(lambda: spark.sql(text))
    run("CREATE TABLE t1 (id INT, s STRING COMMENT 'text', d DECIMAL(10,2) NOT NULL) USING parquet")
    check.unordered(spark.table("t1"))
    check(spark.table("t1").schema)
    check(os.path.isdir(warehouse / "t1"))
    run("CREATE TABLE t1 (id INT) USING json")
    run("CREATE TABLE IF NOT EXISTS t1 (id INT) USING json")
    run("DROP TABLE t1")
    check(os.path.isdir(warehouse / "t1"))
    run("DROP TABLE t1")
    run("DROP TABLE IF EXISTS t1")
    run("drop table if exists default.t1 purge")
    run("DROP TABLE")
    run("DROP TABLE t1 t2")
    run("CREATE TABLE t2 USING json AS SELECT 1 AS a, 'x' AS b")
    check.unordered(spark.table("t2"))
    run("CREATE TABLE t3 USING parquet PARTITIONED BY (b) AS SELECT 1 AS a, 'x' AS b")
    check.unordered(spark.table("t3"))
    run("CREATE TABLE t4 (a INT, b STRING) USING json PARTITIONED BY (b)")
    check(spark.table("t4").columns)
    run("CREATE TABLE t5 (b STRING, a INT) USING json PARTITIONED BY (b)")
    check(spark.table("t5").columns)
    run("CREATE TABLE t6 (a INT) USING nope")
    run("CREATE TABLE t6 (a INT, A INT) USING json")
    run("CREATE TABLE t6 (a INT) USING json PARTITIONED BY (z)")
    run("CREATE TABLE t6 USING json")
    run("CREATE TABLE t6 (a INT) USING json AS SELECT 1")
    run("CREATE TABLE t7 (a INT) USING json OPTIONS (multiLine 'true') COMMENT 'about' TBLPROPERTIES ('k' = 'v')")
    check([[c.name, c.description, c.dataType, c.nullable, c.isPartition] for c in spark.catalog.listColumns("t7")])
    check(spark.catalog.getTable("t7").description)
    run("CREATE OR REPLACE TABLE t7 (a INT) USING json")
    run("CREATE TABLE t8 (a INT)")
    run("SELECT * FROM t8")


def test_create_with_location(check, spark, tmp_path, frame):
    frame.write.json(str(tmp_path / "o"))
    check.outcome(lambda: spark.sql(f"CREATE TABLE t1 (id INT, s STRING) USING json LOCATION '{tmp_path / 'o'}'"))
    check.unordered(spark.table("t1"))
    check.outcome(lambda: spark.sql(f"CREATE TABLE t2 USING json LOCATION '{tmp_path / 'o'}'"))
    check.unordered(spark.table("t2"))
    check.outcome(lambda: spark.sql(f"CREATE TABLE t3 USING json OPTIONS (path '{tmp_path / 'o'}')"))
    check.unordered(spark.table("t3"))
    check(spark.catalog.getTable("t3").tableType)
    spark.sql("DROP TABLE t3")
    check(os.path.isdir(tmp_path / "o"))


def test_insert_statement(check, spark):
    spark.sql("CREATE TABLE t1 (id INT, s STRING) USING json")
    run = lambda text: check.outcome(lambda: spark.sql(text))
    run("INSERT INTO t1 SELECT 1, 'a'")
    run("INSERT INTO t1 VALUES (2, 'b'), (3, 'c')")
    run("INSERT INTO TABLE t1 SELECT 4, 'd'")
    check.unordered(spark.table("t1"))
    run("INSERT INTO t1 (s, id) VALUES ('z', 26)")
    check.unordered(spark.table("t1"))
    run("INSERT OVERWRITE t1 SELECT 9, 'over'")
    check.unordered(spark.table("t1"))
    run("INSERT INTO t1 SELECT 1")
    run("INSERT INTO nothing SELECT 1")


def test_show_tables(check, spark, frame):
    frame.write.saveAsTable("beta")
    frame.write.saveAsTable("alpha")
    spark.range(1).createOrReplaceTempView("view1")
    for text in ["SHOW TABLES", "SHOW TABLES LIKE 'a*'", "SHOW TABLES 'a*|b*'", "SHOW TABLES IN default", "SHOW TABLES FROM default LIKE 'v*'", "SHOW TABLES IN nowhere", "show tables like '*'"]:
        check.outcome(lambda: spark.sql(text))


# -- spark.catalog --------------------------------------------------------------------------------------------

def test_catalog_of_tables(check, spark, frame, warehouse):
    c = spark.catalog
    frame.write.saveAsTable("t1")
    spark.sql("CREATE TABLE t2 (a INT COMMENT 'first') USING json COMMENT 'second table'")
    spark.range(1).createOrReplaceTempView("v1")
    check([tuple(t) for t in c.listTables()])
    check([tuple(t) for t in c.listTables("default")])
    check([tuple(t) for t in c.listTables(pattern="t*")])
    check([tuple(t) for t in c.listTables("default", "v*")])
    check.outcome(lambda: c.listTables("nowhere"))
    check([c.tableExists(n) for n in ["t1", "T1", "default.t1", "spark_catalog.default.t1", "v1", "default.v1", "nothing", "nowhere.t1"]])
    check([c.tableExists("t1", "default"), c.tableExists("t1", "nowhere")])
    check(tuple(c.getTable("t1")))
    check(tuple(c.getTable("default.t2")))
    check(tuple(c.getTable("v1")))
    check(c.getTable("t1").database)
    check.error(lambda: c.getTable("nothing"))
    check.error(lambda: c.getTable("nowhere.t1"))
    check([tuple(x) for x in c.listColumns("t1")])
    check([tuple(x) for x in c.listColumns("t2")])
    check([tuple(x) for x in c.listColumns("v1")])
    check([tuple(x) for x in c.listColumns("t1", "default")])
    check.error(lambda: c.listColumns("nothing"))
    check.outcome(lambda: c.tableExists(5))
    check.outcome(lambda: c.refreshTable("t1"))
    check.error(lambda: c.refreshTable("nothing"))
    check.outcome(lambda: c.refreshByPath(str(warehouse / "t1")))


def test_catalog_of_databases(check, spark, warehouse):
    c = spark.catalog
    check(c.currentDatabase())
    check(c.currentCatalog())
    check([tuple(x)[:3] for x in c.listDatabases()])
    check(c.listDatabases()[0].locationUri)
    check([tuple(x)[:3] for x in c.listDatabases("def*")])
    check([tuple(x)[:3] for x in c.listDatabases("x*")])
    check(tuple(c.getDatabase("default"))[:3])
    check(tuple(c.getDatabase("spark_catalog.default"))[:3])
    check.error(lambda: c.getDatabase("nowhere"))
    check([c.databaseExists(n) for n in ["default", "spark_catalog.default", "DEFAULT", "nowhere"]])
    check.outcome(lambda: c.setCurrentDatabase("default"))
    check.error(lambda: c.setCurrentDatabase("nowhere"))
    check.outcome(lambda: c.setCurrentCatalog("spark_catalog"))
    check.outcome(lambda: c.setCurrentCatalog("nowhere"))
    check([tuple(x) for x in c.listCatalogs()])
    check([tuple(x) for x in c.listCatalogs("spark*")])
    check(c.listCatalogs("hive*"))


def test_catalog_creates_and_drops(check, spark, tmp_path, frame, T):
    c = spark.catalog
    d = c.createTable("t1", source="parquet", schema=T.StructType([T.StructField("a", T.IntegerType())]), description="about")
    check(d)
    check(tuple(c.getTable("t1")))
    check.error(lambda: c.createTable("t1", schema=d.schema))
    frame.write.json(str(tmp_path / "o"))
    check(c.createTable("t2", str(tmp_path / "o"), "json"))
    check(c.createTable("t3", path=str(tmp_path / "o"), source="json", schema=frame.schema, multiLine="false"))
    check(c.getTable("t3").tableType)
    check.outcome(lambda: c.createTable("t4", source="json"))
    check.outcome(lambda: c.createTable("t4", schema="a int"))
    check.outcome(lambda: c.dropTable("t3"))
    check(os.path.isdir(tmp_path / "o"))
    check.error(lambda: c.dropTable("t3"))
    check.outcome(lambda: c.dropTable("t3", ifExists=True))
    check.outcome(lambda: c.dropTable("t1", purge=True))
    check.outcome(lambda: c.truncateTable("t2"))
    check(sorted(t.name for t in c.listTables()))


def test_truncate(check, spark, frame):
    frame.write.saveAsTable("t1")
    check.outcome(lambda: spark.catalog.truncateTable("t1"))
    check.unordered(spark.table("t1"))
    check.outcome(lambda: spark.sql("TRUNCATE TABLE t1"))


def test_cached_tables(check, spark, frame):
    frame.write.saveAsTable("t1")
    check(spark.catalog.isCached("t1"))
    spark.catalog.cacheTable("t1")
    check(spark.catalog.isCached("t1"))
    check(spark.catalog.isCached("spark_catalog.default.t1"))
    check(spark.table("t1").count())
    frame.write.mode("append").saveAsTable("t1")
    check(spark.table("t1").count())
    spark.catalog.uncacheTable("t1")
    check(spark.catalog.isCached("t1"))
    check.error(lambda: spark.catalog.isCached("nothing"))


# -- streams --------------------------------------------------------------------------------------------------

def run_to(frame, name, checkpoint, **options):
    q = frame.writeStream.trigger(availableNow=True).toTable(name, checkpointLocation=str(checkpoint), **options)
    assert q.awaitTermination(60)
    return q


@pytest.mark.parametrize("fmt", FORMATS)
def test_to_table(check, spark, feed, tmp_path, warehouse, fmt):
    feed.add("a=1 b=2")
    options = {"format": fmt} if fmt else {}
    q = run_to(feed.frame().select("k", "v"), "t1", tmp_path / "c", queryName="named", outputMode="append", **options)
    check([q.name, q.lastProgress["sink"]["description"], q.lastProgress["sink"]["numOutputRows"]])
    check.unordered(spark.table("t1"))
    check(tuple(spark.catalog.getTable("t1")))
    check(os.path.isdir(warehouse / "t1" / "_spark_metadata"))
    feed.add("c=3")
    run_to(feed.frame().select("k", "v"), "t1", tmp_path / "c", **options)
    check.unordered(spark.table("t1"))
    d = spark.readStream.table("t1")
    check([d.isStreaming, d.dtypes])
    check(available(d).batches)
    check(available(spark.readStream.option("maxFilesPerTrigger", 1).table("default.t1").select("t1.v")).batches)


def test_to_table_with_partitions(check, spark, feed, tmp_path, warehouse):
    feed.add("a=1 b=2 =3")
    run_to(feed.frame().select("k", "v"), "t1", tmp_path / "c", partitionBy="k", format="json")
    check.unordered(spark.table("t1"))
    check(sorted(n for n in os.listdir(warehouse / "t1") if "=" in n))
    check([[c.name, c.isPartition] for c in spark.catalog.listColumns("t1")])
    check(available(spark.readStream.table("t1")).batches)


def test_to_table_rules(check, spark, feed, tmp_path, frame):
    feed.add("a=1")
    d = feed.frame().select("k", "v")
    n = [0]

    def run(frame, name, **options):
        n[0] += 1
        run_to(frame, name, tmp_path / f"c{n[0]}", **options)
        return sorted(map(tuple, spark.table(name).collect()), key=repr)

    spark.sql("CREATE TABLE made (k STRING, v INT) USING json")
    check.outcome(lambda: run(d, "made"))
    check.outcome(lambda: run(d, "made", format="json"))
    check.outcome(lambda: run(d.select("k"), "made", format="json"))
    check.outcome(lambda: run(d.selectExpr("v", "k"), "made", format="json"))
    check.outcome(lambda: run(d, "made", format="json", partitionBy="k"))
    check.outcome(lambda: run(d, "t1", outputMode="complete"))
    check.outcome(lambda: run(d.groupBy("k").count(), "t1", outputMode="complete"))
    check(spark.catalog.tableExists("t1"))
    check.outcome(lambda: d.writeStream.toTable("t2"))
    check(spark.catalog.tableExists("t2"))
    check.outcome(lambda: run(d, "nowhere.t"))
    check.outcome(lambda: run(d, "a.b.c"))
    check.outcome(lambda: run(d, "t4", format="memory"))
    check.outcome(lambda: run(d, "t5", format="console"))
    check.outcome(lambda: run(d, "t6", format="nope"))
    check.outcome(lambda: run(d, "t7", path=str(tmp_path / "ext"), format="json"))
    check.outcome(lambda: spark.catalog.getTable("t7").tableType)
    spark.range(1).createOrReplaceTempView("v1")
    check.outcome(lambda: run(d, "v1"))
    frame.write.saveAsTable("batch_table")
    check.outcome(lambda: run(d.selectExpr("v id", "k s"), "batch_table"))
    check.outcome(lambda: run(d, "t8", partitionBy="nothing"))
    check.outcome(lambda: d.writeStream.toTable(5))
    check.outcome(lambda: d.writeStream.toTable(""))


def test_read_stream_of_tables(check, spark, frame, tmp_path):
    frame.write.saveAsTable("t1")
    d = spark.readStream.table("t1")
    check(available(d).batches)
    frame.write.partitionBy("s").format("json").saveAsTable("t2")
    check(available(spark.readStream.table("t2")).batches)
    check.outcome(lambda: spark.readStream.table("nothing"))
    check.outcome(lambda: spark.readStream.table(5))
    spark.range(1).createOrReplaceTempView("v1")
    check.outcome(lambda: spark.readStream.table("v1").isStreaming)
    spark.readStream.table("t1").createOrReplaceTempView("stream_view")
    check(spark.table("stream_view").isStreaming)
    check(available(spark.table("stream_view")).batches)
    check.outcome(lambda: spark.readStream.schema("a int").table("t1"))
    check.outcome(lambda: spark.sql("select * from stream t1"))
    check.outcome(lambda: available(spark.sql("select id from stream(t1)")).batches)


def test_a_table_read_by_a_stream_grows(check, spark, frame, tmp_path):
    frame.write.saveAsTable("t1")
    got = []
    q = spark.readStream.table("t1").writeStream.foreachBatch(lambda f, i: got.append([i, sorted(r.id for r in f.collect())])).start()
    q.processAllAvailable()
    spark.createDataFrame([(3, "c")], "id int, s string").write.insertInto("t1")
    q.processAllAvailable()
    q.stop()
    check(with_rows(got))


def test_join_with_a_table(check, spark, feed, frame):
    feed.add("a=1 z=2")
    frame.write.saveAsTable("t1")
    check(available(feed.frame().select("k", "v").join(spark.table("t1").withColumnRenamed("s", "k"), "k", "left")).batches)


def test_write_sees_what_was_appended(check, spark, frame):
    """A frame of a table is what the table was when the frame was made, or what it has become."""
    frame.write.saveAsTable("t1")
    d = spark.table("t1")
    check(d.count())
    frame.write.insertInto("t1")
    check(spark.table("t1").count())


# -- what survives --------------------------------------------------------------------------------------------

@pytest.mark.only_ours("PySpark's own catalog is in memory; Hive's would survive")
def test_tables_survive_the_process(spark, frame, warehouse):
    frame.write.partitionBy("s").format("json").saveAsTable("kept")
    script = (
        "import sys\n"
        "from pyspark_compat.sql import SparkSession\n"
        "spark = SparkSession.builder.master('local[1]').config('spark.sql.warehouse.dir', sys.argv[1]).getOrCreate()\n"
        "print(sorted(map(tuple, spark.table('kept').collect())), spark.table('kept').dtypes)\n"
        "spark.sql('DROP TABLE kept')\n"
        "spark.stop()\n")
    done = subprocess.run([sys.executable, "-c", script, str(warehouse)], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[(1, 'a'), (2, 'b')] [('id', 'int'), ('s', 'string')]", done.stderr
    assert not spark.catalog.tableExists("kept")
    assert not (warehouse / "kept").exists()
