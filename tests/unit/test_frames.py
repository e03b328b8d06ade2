"""Frames over the recording engine: one node a call, handles that die, rows, text, PySpark's own checks."""

import datetime
import decimal
import gc
import inspect
import traceback

import pytest

from pyspark_compat.errors import PySparkException, PySparkNotImplementedError
from pyspark_compat.sql import DataFrame, Row, SparkSession
from pyspark_compat.sql import functions as F
from pyspark_compat.storagelevel import StorageLevel
from raised import condition_of


@pytest.fixture
def people(spark):
    return spark.createDataFrame([(1, "ann"), (2, None), (3, "cid")], "id int, name string")


def test_one_node_a_call(spark, fake, people):
    made = people.where("id > 1").withColumn("x", F.col("id") + 1).select("id", people.name)
    node = fake.last("project").project
    assert node.input.WhichOneof("rel_type") == "cached_remote_relation"
    assert [k for k, _ in fake.requests[-3:]] == ["filter", "with_columns", "project"]
    assert node.expressions[1].unresolved_attribute.plan_id == int(people._id)
    assert made.columns == ["id", "name"]


def test_frames_leave_no_handle(spark, fake):
    first = spark.range(3)
    for _ in range(10_000):
        first.limit(1)
    gc.collect()
    before = len(fake.frames)
    again = spark.range(1)
    assert len(fake.frames) == 2 and before < 4
    assert set(fake.frames) == {first._id, again._id}


def test_chain_of_columns_keeps_the_last_handle_only(spark, fake):
    d = spark.range(1)
    for i in range(200):
        d = d.withColumn(f"c{i}", F.lit(i))
    d = d.select("id")
    d.count()
    d.isEmpty()
    spark.range(1)
    assert len(fake.frames) < 8


def test_rows(people):
    assert people.collect() == [Row(id=1, name="ann"), Row(id=2, name=None), Row(id=3, name="cid")]
    assert people.take(2) == people.head(2) == people.collect()[:2]
    assert people.first() == people.head() == Row(id=1, name="ann")
    assert people.tail(1) == [Row(id=3, name="cid")]
    assert [r.id for r in people.toLocalIterator()] == [1, 2, 3]
    assert people.count() == 3 and not people.isEmpty() and people.limit(0).isEmpty()
    assert people.limit(0).first() is None and people.limit(0).collect() == []
    assert list(people.limit(0).toLocalIterator()) == []


def test_text(people, capsys, spark):
    people.show()
    people.printSchema()
    people.explain()
    out = capsys.readouterr().out
    assert out == ("<show_string>\nroot\n |-- id: integer (nullable = true)\n |-- name: string (nullable = true)\n\n"
                   "== Physical Plan ==\n\n")
    assert repr(people) == "DataFrame[id: int, name: string]"
    assert people._repr_html_() is None
    spark.conf.set("spark.sql.repl.eagerEval.enabled", True)
    assert people._repr_html_() == "<html_string>"
    assert repr(spark.range(1)) == "<show_string>"


def test_show_arguments(people, fake):
    people.show(5, False, True)
    m = fake.last("show_string").show_string
    assert (m.num_rows, m.truncate, m.vertical) == (5, 0, True)
    people.show(truncate="7")
    assert fake.last("show_string").show_string.truncate == 7


def test_columns(people, fake):
    assert repr(people.id) == repr(people["id"]) == repr(people[0]) == "Column<'id'>"
    asked = len(fake.requests)
    people["ID"]
    assert len(fake.requests) == asked
    for wrong in (lambda: people["nope"], lambda: people["id.x"]):
        with pytest.raises(PySparkException) as caught:
            wrong()
        assert caught.value.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    with pytest.raises(AttributeError):
        people.nope
    assert not hasattr(people, "nope") and "name" in dir(people)
    assert repr(people["*"]) == "Column<'resolvedstar()'>"


CHECKS = {
    "where": (lambda d: d.where(5), "NOT_EXPECTED_TYPE"), "select": (lambda d: d.select(5), "NOT_EXPECTED_TYPE"),
    "withColumn": (lambda d: d.withColumn("a", 5), "NOT_EXPECTED_TYPE"), "drop": (lambda d: d.drop(5), "NOT_EXPECTED_TYPE"),
    "withColumns": (lambda d: d.withColumns([1]), "NOT_EXPECTED_TYPE"), "limit": (lambda d: d.limit("x"), "NOT_EXPECTED_TYPE"),
    "sort none": (lambda d: d.sort(), "CANNOT_BE_EMPTY"), "sort 0": (lambda d: d.sort(0), "ZERO_INDEX"),
    "sort ascending": (lambda d: d.sort("id", ascending="x"), "NOT_EXPECTED_TYPE"), "groupBy 0": (lambda d: d.groupBy(0), "INDEX_NOT_POSITIVE"),
    "groupBy True": (lambda d: d.groupBy(True), "NOT_EXPECTED_TYPE"), "dropDuplicates": (lambda d: d.dropDuplicates("id"), "NOT_EXPECTED_TYPE"),
    "watermark": (lambda d: d.withWatermark(1, "x"), "NOT_EXPECTED_TYPE"), "join how": (lambda d: d.join(d, "id", "nope"), "UNSUPPORTED_JOIN_TYPE"),
    "join 5": (lambda d: d.join(5), "AttributeError"), "join on": (lambda d: d.join(d, 5), "AssertionError"),
    "join []": (lambda d: d.join(d, []), "IndexError"), "show": (lambda d: d.show("x"), "NOT_EXPECTED_TYPE"), "show bool": (lambda d: d.show(True), "NOT_EXPECTED_TYPE"),
    "truncate": (lambda d: d.show(truncate="x"), "NOT_EXPECTED_TYPE"), "explain": (lambda d: d.explain(1), "NOT_EXPECTED_TYPE"),
    "explain both": (lambda d: d.explain(True, "simple"), "CANNOT_SET_TOGETHER"), "alias": (lambda d: d.alias(5), "AssertionError"),
    "item": (lambda d: d[1.5], "NOT_EXPECTED_TYPE"), "item 9": (lambda d: d[9], "IndexError"), "toDF": (lambda d: d.toDF(1), "NOT_EXPECTED_TYPE"),
    "repartition": (lambda d: d.repartition(1.5), "NOT_EXPECTED_TYPE"), "repartition 0": (lambda d: d.repartition(0), None),
    "sample": (lambda d: d.sample(), "NOT_EXPECTED_TYPE"), "sample 1": (lambda d: d.sample(1), "NOT_EXPECTED_TYPE"), "hint": (lambda d: d.hint(5), "NOT_EXPECTED_TYPE"),
    "hint list": (lambda d: d.hint("x", [object()]), "DISALLOWED_TYPE_FOR_CONTAINER"), "persist": (lambda d: d.persist("x"), "TypeError"),
    "transform": (lambda d: d.transform(lambda f: 5), "AssertionError"), "weights": (lambda d: d.randomSplit([-1.0]), "VALUE_NOT_POSITIVE"),
    "agg": (lambda d: d.groupBy("id").agg(), "AssertionError"), "sum": (lambda d: d.groupBy("id").sum("name"), "_LEGACY_ERROR_TEMP_1323"),
    "mode": (lambda d: d.write.mode("nope"), "INVALID_SAVE_MODE"), "createDataFrame": (lambda d: d.sparkSession.createDataFrame(d), "INVALID_TYPE"),
    "mapInArrow": (lambda d: d.mapInArrow(lambda b: b, "id int", profile=1), "NOT_IMPLEMENTED"), "writeStream": (lambda d: d.writeStream, "WRITE_STREAM_NOT_ALLOWED"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_checks(people, name):
    function, condition = CHECKS[name]
    raised = condition_of(lambda: function(people))
    if name == "repartition 0":
        with pytest.raises(PySparkException, match="requirement failed"):
            function(people)
    else:
        assert raised == condition


def test_joins(people, fake, spark):
    other = spark.range(2)
    for how, kind in [(None, 1), ("inner", 1), ("LEFT_OUTER", 3), ("full", 2), ("semi", 6), ("leftanti", 5), ("right", 4), ("cross", 7)]:
        people.join(other, ["id"], how)
        m = fake.last("join").join
        assert (m.join_type, list(m.using_columns), m.HasField("join_condition")) == (kind, ["id"], False)
    people.join(other, [people.id == other.id, people.id > 1])
    assert fake.last("join").join.join_condition.unresolved_function.function_name == "and"
    people.crossJoin(other)
    assert fake.last("join").join.join_type == 7


def test_relations(people, fake):
    people.sort(F.desc("id"), 2, ascending=[True, False])
    orders = fake.last("sort").sort.order
    assert [(o.direction, o.null_ordering) for o in orders] == [(2, 2), (2, 2)] and fake.last("sort").sort.is_global
    people.dropDuplicates(["id"])
    assert list(fake.last("deduplicate").deduplicate.column_names) == ["id"]
    people.distinct()
    assert fake.last("deduplicate").deduplicate.all_columns_as_keys
    people.repartition(3, "id")
    m = fake.last("repartition_by_expression").repartition_by_expression
    assert (m.num_partitions, len(m.partition_exprs)) == (3, 1)
    people.coalesce(1)
    assert not fake.last("repartition").repartition.shuffle
    people.unionByName(people, True)
    m = fake.last("set_op").set_op
    assert m.by_name and m.allow_missing_columns and m.is_all and m.set_op_type == 2
    low, high = people.randomSplit([1.0, 3.0], 7)
    assert fake.last("sample").sample.lower_bound == 0.25 and fake.last("sample").sample.deterministic_order
    people.groupBy("name").agg({"id": "max", "*": "count"})
    assert [e.unresolved_function.function_name for e in fake.last("aggregate").aggregate.aggregate_expressions] == ["count", "max"]
    people.withMetadata("id", {"a": 1})
    assert fake.last("with_columns").with_columns.aliases[0].metadata == '{"a": 1}'
    people.mapInPandas(lambda it: it, "id int")
    assert fake.last("map_partitions").map_partitions.func.python_udf.output_type.struct.fields[0].name == "id"
    people.withWatermark("name", "1 second")
    assert fake.last("with_watermark").with_watermark.delay_threshold == "1 second"


def test_grouped(people):
    assert repr(people.groupBy("id")) == "GroupedData[grouping expressions: [id], value: [id: int, name: string], type: GroupBy]"
    wide = people.select("id", "name", "id")
    assert repr(wide.groupBy()) == "GroupedData[grouping expressions: [], value: [id: int, name: string ... 1 more field], type: GroupBy]"


def test_kept_rows(people, fake):
    assert people.cache() is people and people.is_cached
    assert fake.last("persist").persist.storage_level.use_disk
    assert people.unpersist() is people and not people.is_cached
    assert isinstance(people.storageLevel, StorageLevel)
    assert str(StorageLevel.MEMORY_AND_DISK_DESER) == "Disk Memory Deserialized 1x Replicated"
    assert str(StorageLevel.NONE) == "Serialized 1x Replicated"


def test_views_and_catalog(spark, people, fake):
    people.createOrReplaceTempView("v")
    m = fake.last("create_dataframe_view")
    assert (m.name, m.is_global, m.replace) == ("v", False, True)
    people.createGlobalTempView("g")
    assert fake.last("create_dataframe_view").is_global
    assert spark.catalog.dropTempView("v") is True
    assert fake.last("catalog").catalog.drop_temp_view.view_name == "v"
    spark.catalog.clearCache()
    with pytest.raises(PySparkNotImplementedError, match="Catalog.listFunctions"):
        spark.catalog.listFunctions()


def test_what_is_written_says_where(people, fake):
    people.write.partitionBy("id").json("p")
    assert list(fake.last("write_operation").partitioning_columns) == ["id"]
    people.write.saveAsTable("t", format="json", mode="append", partitionBy=["id", "name"], multiLine=True)
    m = fake.last("write_operation")
    assert (m.table.table_name, m.source, list(m.partitioning_columns), dict(m.options)) == ("t", "json", ["id", "name"], {"multiLine": "true"})
    assert m.table.save_method == m.table.TABLE_SAVE_METHOD_SAVE_AS_TABLE and m.mode == m.SAVE_MODE_APPEND
    people.write.insertInto("t", overwrite=True)
    m = fake.last("write_operation")
    assert m.table.save_method == m.table.TABLE_SAVE_METHOD_INSERT_INTO and m.mode == m.SAVE_MODE_OVERWRITE


def test_what_is_lacking_says_its_name(people, spark):
    for function, name in [(lambda: people.pivot if False else people.cube("id"), "DataFrame.cube"),
                           (lambda: people.stat.crosstab("id", "name"), "DataFrameStatFunctions.crosstab"), (lambda: people.writeTo("t"), "DataFrame.writeTo"),
                           (lambda: people.write.bucketBy(2, "id"), "DataFrameWriter.bucketBy"), (lambda: people.plot, "DataFrame.plot"),
                           (lambda: spark.builder.remote("sc://x"), "SparkSession.builder.remote"), (lambda: spark.tvf, "SparkSession.tvf"),
                           (lambda: spark.sparkContext.sequenceFile("x"), "SparkContext.sequenceFile: Hadoop sequence files"), (lambda: spark.addTag("x"), "SparkSession.addTag")]:
        with pytest.raises(PySparkNotImplementedError, match=name) as caught:
            function()
        assert caught.value.getCondition() == "NOT_IMPLEMENTED" and caught.value.getMessageParameters() == {"feature": name}
    assert str(inspect.signature(DataFrame.cov)) == "(self, col1, col2)"


def test_a_traceback_shows_the_call_and_one_frame_of_ours(people):
    try:
        people.select("id").where(5)
    except PySparkException as e:
        frames = [f.filename for f in traceback.extract_tb(e.__traceback__)]
        assert e.__cause__ is None and e.__suppress_context__
    assert frames[0] == __file__ and len(frames) == 2


def test_writes(people, fake):
    people.write.mode("Overwrite").option("path", "x").option("A", True).save()
    m = fake.last("write_operation")
    assert (m.source, m.mode, m.path, dict(m.options)) == ("parquet", 2, "x", {"A": "true"})
    people.write.json("out", compression="gzip", mode="ignore")
    m = fake.last("write_operation")
    assert (m.source, m.mode, m.path, dict(m.options)) == ("json", 4, "out", {"compression": "gzip"})
    people.write.save("p", "text", "append", a=1)
    assert fake.last("write_operation").mode == 1
    people.write.format("noop").mode("default").save()
    m = fake.last("write_operation")
    assert m.mode == 3 and not m.HasField("path")


def test_reads(spark, fake):
    d = spark.read.schema("a int, b string").option("X", 1).option("x", 2).json(["p", "q"], multiLine=True)
    m = fake.last("read").read.data_source
    assert (m.format, list(m.paths), dict(m.options)) == ("json", ["p", "q"], {"x": "2", "multiLine": "true"})
    assert d.columns == ["a", "b"] and not fake.last("read").read.is_streaming
    spark.read.option("path", "z").load()
    m = fake.last("read").read.data_source
    assert (m.format, list(m.paths), dict(m.options)) == ("parquet", ["z"], {})
    spark.read.parquet("a", "b", mergeSchema=True)
    assert list(fake.last("read").read.data_source.paths) == ["a", "b"]
    spark.read.text("t")
    assert dict(fake.last("read").read.data_source.options) == {"wholetext": "false"}
    spark.read.table("v")
    assert fake.last("read").read.named_table.unparsed_identifier == "v"
    for bad, condition in [(lambda: spark.read.schema(5), "NOT_EXPECTED_TYPE"), (lambda: spark.read.schema("int"), "PARSE_SYNTAX_ERROR"),
                           (lambda: spark.read.json(5), "NOT_EXPECTED_TYPE"), (lambda: spark.read.orc("x"), "NOT_IMPLEMENTED")]:
        assert condition_of(bad) == condition


def test_session(spark, fake):
    assert SparkSession.builder.config("z.z", True).config("spark.master", "local[9]").getOrCreate() is spark
    assert spark.conf.get("z.z") == "true" and spark.conf.get("spark.master") == "local[2]"
    assert spark.conf.get("no", "d") == "d" and spark.conf.get("no", None) is None
    assert condition_of(lambda: spark.conf.get("no")) == "SQL_CONF_NOT_FOUND"
    assert condition_of(lambda: spark.conf.set("spark.master", "x")) == "CANNOT_MODIFY_STATIC_CONFIG"
    spark.conf.unset("z.z")
    assert "z.z" not in spark.conf.getAll and not spark.conf.isModifiable("spark.master")
    assert SparkSession.active() is SparkSession.getActiveSession() is spark
    other = spark.newSession()
    assert fake.last("open")["parent"] == spark._engine.session
    other.conf.set("a", 1)
    assert spark.conf.get("a", None) is None
    spark.range(1).union(other.range(1))
    assert fake.last("set_op").set_op.HasField("right_input")
    sc = spark.sparkContext
    assert (sc.master, sc.appName, sc.defaultParallelism, sc.uiWebUrl, sc._jvm, sc.version) == ("local[2]", "unit", 2, None, None, "4.3.0")
    assert sc.applicationId.startswith("local-") and sc.getConf().get("spark.app.id") == sc.applicationId
    sc.setLogLevel("off")
    with pytest.raises(PySparkException, match="requirement failed"):
        sc.setLogLevel("nope")
    sc.setLogLevel("WARN")
    sc.setJobGroup("g", "d")
    assert sc.getLocalProperty("spark.jobGroup.id") == "g"
    with pytest.raises(ValueError):
        type(sc)("local", "second")
    spark.stop()
    assert set(fake.closed) == {spark._engine.session, other._engine.session}
    assert SparkSession.getActiveSession() is None
    assert condition_of(SparkSession.active) == "NO_ACTIVE_OR_DEFAULT_SESSION"


def test_sql_and_range(spark, fake):
    spark.sql("select :a", {"a": 1})
    assert fake.last("sql").sql.named_arguments["a"].literal.integer == 1
    spark.sql("select ?", [F.lit("x")])
    assert fake.last("sql").sql.pos_arguments[0].literal.string == "x"
    assert condition_of(lambda: spark.sql("x", 5)) == "INVALID_TYPE"
    assert [r.id for r in spark.range(2.7).collect()] == [0, 1]
    assert [r.id for r in spark.range(5, 0, -2).collect()] == [5, 3, 1]
    with pytest.raises(PySparkException, match="requirement failed"):
        spark.range(0, 5, 0)


def test_registering(spark, fake):
    spark.udf.register("twice", lambda x: 2 * x, "int")
    assert fake.last("register_function").function_name == "twice"


def test_submit_arguments(fake, monkeypatch):
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--master local[3] --conf a.b=c=d --name n pyspark-shell")
    session = SparkSession.builder.getOrCreate()
    assert (session.sparkContext.master, session.sparkContext.appName, session.conf.get("a.b")) == ("local[3]", "n", "c=d")
    session.stop()


def test_dates_and_decimals(spark):
    when = datetime.datetime(2024, 1, 2, 3)
    assert spark.createDataFrame([(when,)], "d date").first().d == when.date()
    d = spark.createDataFrame([(decimal.Decimal("1.005"),), (decimal.Decimal("0.25"),), (decimal.Decimal("NaN"),)], "d decimal(5,1)")
    assert [r.d for r in d.collect()] == [decimal.Decimal("1.0"), decimal.Decimal("0.3"), None]
    assert condition_of(lambda: spark.createDataFrame([(decimal.Decimal("123456.7"),)], "d decimal(5,1)")) == "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION"


def test_state_can_be_named_and_raises_when_used():
    from pyspark_compat.sql.streaming import StatefulProcessor
    from pyspark_compat.sql.streaming.state import GroupState, GroupStateTimeout

    class Mine(StatefulProcessor):
        pass

    assert GroupStateTimeout.NoTimeout == "NoTimeout"
    assert GroupState.NO_TIMESTAMP == -1
    with pytest.raises(PySparkNotImplementedError):
        Mine()


def test_what_needs_a_jvm(people, spark):
    for use in (lambda: people._jdf, lambda: spark._jsparkSession, lambda: spark.sparkContext._jsc):
        assert condition_of(use) == "JVM_ATTRIBUTE_NOT_SUPPORTED"
    with pytest.raises(AttributeError):
        spark.nope


def test_arrow_types_under_pysparks_names():
    import pyarrow as pa

    from pyspark_compat.sql.pandas import types, utils
    from pyspark_compat.sql.types import StructType

    schema = StructType.fromDDL("a int not null, t timestamp, l array<timestamp>")
    made = types.to_arrow_schema(schema, timezone="Asia/Tokyo")
    assert made.field("t").type == pa.timestamp("us", "Asia/Tokyo") and not made.field("a").nullable
    assert types.from_arrow_schema(made) == schema
    assert types.to_arrow_type(schema["l"].dataType).value_type == pa.timestamp("us", "UTC")
    assert condition_of(lambda: types.to_arrow_type(schema, prefers_large_types=True)) == "NOT_IMPLEMENTED"
    for require in (utils.require_minimum_pandas_version, utils.require_minimum_pyarrow_version, utils.require_minimum_numpy_version):
        require()


def test_missing_values_and_set_operations_reach_the_wire(people, fake):
    people.na.fill(1, "id")
    m = fake.last("fill_na").fill_na
    assert list(m.cols) == ["id"] and m.values[0].double == 1.0
    people.dropna()
    assert not fake.last("drop_na").drop_na.HasField("min_non_nulls")
    people.dropna("all", subset="name")
    assert fake.last("drop_na").drop_na.min_non_nulls == 1 and list(fake.last("drop_na").drop_na.cols) == ["name"]
    people.replace({"a": None})
    (pair,) = fake.last("replace").replace.replacements
    assert pair.old_value.string == "a" and pair.new_value.HasField("null")
    people.subtract(people)
    assert (fake.last("set_op").set_op.set_op_type, fake.last("set_op").set_op.is_all) == (3, False)
    people.intersectAll(people)
    assert (fake.last("set_op").set_op.set_op_type, fake.last("set_op").set_op.is_all) == (1, True)
    for call in (lambda: people.fillna([1]), lambda: people.dropna("few"), lambda: people.replace("a"), lambda: people.replace({"a": 1})):
        with pytest.raises(PySparkException):
            call()
