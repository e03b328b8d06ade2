"""Frames: projections, filters, set operations, ordering, actions."""

import pytest


@pytest.fixture
def people(spark):
    return spark.createDataFrame([(1, "ann", 30, None), (2, "bob", None, 1.5), (3, "cid", 30, 2.5), (4, None, 25, -0.5)], "id int, name string, age int, x double")


SELECTS = {
    "names": lambda d, F: d.select("id", "name"),
    "star": lambda d, F: d.select("*"),
    "columns": lambda d, F: d.select(d.id, d["name"], F.col("age")),
    "list": lambda d, F: d.select(["id", F.col("x")]),
    "none": lambda d, F: d.select(),
    "alias": lambda d, F: d.select((d.id + 1).alias("next"), F.col("name").name("n")),
    "same name twice": lambda d, F: d.select("id", "id"),
    "any case": lambda d, F: d.select("ID", "Name"),
    "literal": lambda d, F: d.select(F.lit(1), F.lit("a"), F.lit(None), F.lit(1.5), F.lit(True)),
    "selectExpr": lambda d, F: d.selectExpr("id * 2 as twice", "upper(name)", "age + x"),
    "selectExpr star": lambda d, F: d.selectExpr("*", "id as again"),
    "where column": lambda d, F: d.where(d.age > 26),
    "where text": lambda d, F: d.where("age = 30 and name like 'a%'"),
    "filter null": lambda d, F: d.filter(d.name.isNull()),
    "filter not null": lambda d, F: d.filter(d.x.isNotNull() & (d.x > 0)),
    "filter literal": lambda d, F: d.filter(F.lit(False)),
    "withColumn new": lambda d, F: d.withColumn("y", d.x * 2),
    "withColumn replaces": lambda d, F: d.withColumn("AGE", F.lit(0)),
    "withColumns": lambda d, F: d.withColumns({"p": d.id + 1, "q": F.lit("z")}),
    "withColumnRenamed": lambda d, F: d.withColumnRenamed("name", "who"),
    "withColumnRenamed missing": lambda d, F: d.withColumnRenamed("nope", "who"),
    "withColumnsRenamed": lambda d, F: d.withColumnsRenamed({"id": "i", "age": "a"}),
    "toDF": lambda d, F: d.toDF("a", "b", "c", "d"),
    "drop": lambda d, F: d.drop("age", "x"),
    "drop column": lambda d, F: d.drop(d.age),
    "drop missing": lambda d, F: d.drop("nope"),
    "alias of frame": lambda d, F: d.alias("p").select("p.id", F.col("p.name")),
    "limit": lambda d, F: d.limit(2),
    "limit 0": lambda d, F: d.limit(0),
    "coalesce": lambda d, F: d.coalesce(1),
    "orderBy": lambda d, F: d.orderBy("age", "id"),
    "orderBy desc": lambda d, F: d.orderBy(F.desc("age"), d.id.desc()),
    "orderBy ascending list": lambda d, F: d.orderBy(["age", "id"], ascending=[False, True]),
    "orderBy ascending=False": lambda d, F: d.sort("x", ascending=False),
    "nulls last": lambda d, F: d.orderBy(d.age.asc_nulls_last(), d.id),
    "nulls first desc": lambda d, F: d.orderBy(d.age.desc_nulls_first(), d.id),
    "transform": lambda d, F: d.transform(lambda f: f.select("id")),
    "cache": lambda d, F: d.cache().select("id"),
    "orderBy then limit": lambda d, F: d.orderBy(d.id.desc()).limit(2).select("id"),
    "colRegex free name with dot": lambda d, F: d.withColumn("a.b", F.lit(1)).select("`a.b`"),
    "between": lambda d, F: d.where(d.age.between(25, 29)),
    "isin": lambda d, F: d.where(d.name.isin("ann", "bob")),
    "isin list": lambda d, F: d.where(d.id.isin([1, 4])),
    "not isin": lambda d, F: d.where(~d.name.isin("ann")),
    "expr in select": lambda d, F: d.select(F.expr("case when age is null then 'none' else cast(age as string) end as a")),
}


@pytest.mark.parametrize("name", SELECTS)
def test_frame(check, people, F, name):
    check(SELECTS[name](people, F))


UNORDERED = {
    "union": lambda d, F: d.union(d.where("id = 1")),
    "unionAll": lambda d, F: d.select("id").unionAll(d.select("age")),
    "unionByName": lambda d, F: d.select("id", "name").unionByName(d.select("name", "id")),
    "unionByName missing": lambda d, F: d.select("id").unionByName(d.select("name"), allowMissingColumns=True),
    "union widens": lambda d, F: d.select("id").union(d.select("x")),
    "distinct": lambda d, F: d.select("age").distinct(),
    "dropDuplicates": lambda d, F: d.select("age").dropDuplicates(),
    "dropDuplicates key": lambda d, F: d.where("age = 30").dropDuplicates(["age"]).select("age"),
    "repartition": lambda d, F: d.repartition(3),
    "repartition by": lambda d, F: d.repartition(2, "age"),
    "intersect": None,
}


@pytest.mark.parametrize("name", [n for n, f in UNORDERED.items() if f])
def test_frame_unordered(check, people, F, name):
    check.unordered(UNORDERED[name](people, F))


def test_actions(check, people):
    d = people.orderBy("id")
    check([d.collect(), d.take(2), d.first(), d.head(), d.head(2), d.head(1), d.count(), d.isEmpty(), d.take(0), d.tail(1)])
    none = d.where("id > 9")
    check([none.collect(), none.first(), none.head(), none.head(1), none.count(), none.isEmpty()])
    check([d.columns, d.dtypes, d.schema, len(d.columns), "id" in d.columns])
    check([r.id for r in d.toLocalIterator()])
    check(repr(d))


def test_to_pandas_and_arrow(check, people):
    check(people.toPandas())
    check(people.toArrow())
    check(people.where("id > 9").toPandas())


def test_columns_as_attributes(check, people, api):
    check(isinstance(people.id, api.sql.Column))
    check.error(lambda: people.nope)
    check.error(lambda: people["nope"])
    check([repr(people.id), repr(people.id + 1), repr((people.id > 1) & people.name.isNull())])
    check(people[["id", "name"]])
    check(people[people.id > 3])
    check(people[0].__repr__())


def test_temp_views(check, people, spark):
    people.createOrReplaceTempView("people_v")
    check(spark.table("people_v"))
    people.select("id").createOrReplaceTempView("people_v")
    check(spark.table("people_v"))
    check.error(lambda: people.createTempView("people_v"))
    check.error(lambda: spark.table("no_such_view"))
    check.error(lambda: people.createTempView("a b"))


def test_struct_access(check, spark, F):
    d = spark.createDataFrame([((1, ("x", 2)), [(5, "a"), (6, "b")], {"k": 7}), (None, None, None)], "s struct<a:int,t:struct<b:string,c:int>>, l array<struct<p:int,q:string>>, m map<string,int>")
    check(d.select("s.a", "s.t.b", F.col("s")["a"], F.col("s").t.c, F.col("s").getField("a")))
    check(d.select("s.*"))
    check(d.select("l.p", F.col("l")[0], F.col("l")[1].q, F.col("l").getItem(0)["p"]))
    check(d.select(F.col("m")["k"], F.col("m").getItem("none"), F.col("m").k))
    check.error(lambda: d.select("s.nope"))
    check.error(lambda: d.select(F.col("s.a").x))
    check(d.select(F.col("s").withField("a", F.lit(9)).alias("w"), F.col("s").dropFields("t").alias("d")))


def test_cache_and_persist(check, people):
    d = people.select("id")
    check([d.is_cached, d.cache() is d, d.is_cached, str(d.storageLevel), d.unpersist() is d, d.is_cached])


def test_column_misuse(check, people):
    check.error(lambda: bool(people.id > 1))
    check.error(lambda: 1 in people.name)
    check.error(lambda: [x for x in people.id])
    check.error(lambda: people.id.isin())
    check.error(lambda: people.select(5))
    check.error(lambda: people.where(5))
    check.error(lambda: people.limit("x"))
    check.error(lambda: people.withColumn("a", 5))
    check.error(lambda: people.drop(5))
    check.error(lambda: people.orderBy())
    check.error(lambda: people.toDF("a"))
    check.error(lambda: people.unionByName(people.select("id")))
    check.error(lambda: people.union(people.select("id")))
    check.error(lambda: people.dropDuplicates("id"))
    check.error(lambda: people.dropDuplicates(["nope"]))
    check.error(lambda: people.limit(-1).collect())
    check.error(lambda: people.repartition(0))
    check.error(lambda: people.coalesce(0))


def test_session(check, spark, api):
    sc = spark.sparkContext
    check([spark.version, sc.version, sc.appName, sc.defaultParallelism, sc.master, type(sc.applicationId).__name__])
    check([api.sql.SparkSession.builder.getOrCreate() is spark, api.sql.SparkSession.getActiveSession() is not None])
    check([spark.conf.get("spark.sql.session.timeZone"), spark.conf.get("spark.app.name"), spark.conf.get("no.such.key", "dflt"), spark.conf.get("no.such.key", None)])
    check.error(lambda: spark.conf.get("no.such.key"))
    check.error(lambda: spark.conf.set("spark.sql.shuffle.partitions", "abc"))
    check.error(lambda: spark.conf.set("spark.sql.session.timeZone", "Nowhere/City"))
    check.error(lambda: spark.conf.set("spark.master", "local[4]"))
    spark.conf.set("my.own.key", 5)
    check([spark.conf.get("my.own.key"), spark.conf.isModifiable("spark.sql.shuffle.partitions"), spark.conf.isModifiable("spark.master")])
    spark.conf.unset("my.own.key")
    check.error(lambda: spark.conf.get("my.own.key"))
    check(api.root.__version__)


@pytest.mark.only_ours("the user interface of the JVM is off in the recording too, but None is a deliberate answer")
def test_no_web_ui(spark):
    assert spark.sparkContext.uiWebUrl is None


def test_print_schema(check, spark, capsys, F):
    d = spark.createDataFrame([], "a int not null, s struct<x:array<int>,m:map<string,struct<y:date>>>, d decimal(5,2), t timestamp_ntz, b binary")
    check.printed(capsys, d.printSchema)
    check.printed(capsys, lambda: d.printSchema(1))
    check.printed(capsys, spark.range(1).select("id", F.lit(1), F.lit("x"), F.lit(None), F.col("id") + 1).printSchema)


NULLABLE = {
    "add": lambda F: F.col("n") + F.col("o"), "add nn": lambda F: F.col("n") + 1, "divide": lambda F: F.col("n") / 2, "coalesce": lambda F: F.coalesce("o", F.lit(1)),
    "when": lambda F: F.when(F.col("n") > 1, 1), "otherwise": lambda F: F.when(F.col("n") > 1, 1).otherwise(2), "isnull": lambda F: F.isnull("o"),
    "array": lambda F: F.array("n", "o"), "array nn": lambda F: F.array("n"), "struct": lambda F: F.struct("n", "o"), "cast": lambda F: F.col("n").cast("string"),
    "cast to int": lambda F: F.col("n").cast("string").cast("int"), "upper": lambda F: F.upper(F.lit("a")), "concat": lambda F: F.concat(F.lit("a"), F.col("n")),
    "concat_ws": lambda F: F.concat_ws(",", F.col("o")), "split": lambda F: F.split(F.lit("a"), ","), "size": lambda F: F.size(F.array("n")),
    "now": lambda F: F.current_timestamp(), "rand": lambda F: F.rand(), "uuid": lambda F: F.uuid(), "to_date": lambda F: F.to_date(F.lit("2024-01-01")),
    "year": lambda F: F.year(F.current_timestamp()), "window": lambda F: F.window(F.current_timestamp(), "10 seconds"), "to_json": lambda F: F.to_json(F.struct("n")),
    "from_json": lambda F: F.from_json(F.lit("{}"), "a int"), "greatest": lambda F: F.greatest("n", "o"), "sqrt": lambda F: F.sqrt("n"), "element_at": lambda F: F.element_at(F.array("n"), 1),
    "explode": lambda F: F.explode(F.array("n")),
}


@pytest.mark.parametrize("name", NULLABLE)
def test_nullability(check, spark, F, name):
    d = spark.range(2).selectExpr("cast(id as int) n", "cast(null as int) o")
    check(d.select(NULLABLE[name](F).alias("c")).schema)


def test_nullability_of_aggregates(check, spark, F):
    d = spark.range(2).selectExpr("cast(id as int) n")
    check(d.agg(F.count("n"), F.sum("n"), F.avg("n"), F.min("n"), F.first("n"), F.collect_list("n"), F.stddev("n")).schema)
    check(d.groupBy("n").count().schema)


def test_explain_headings(check, spark, capsys):
    d = spark.range(3).where("id > 1")
    for arguments in [(), (True,), ("simple",), ("extended",), ("formatted",)]:
        capsys.readouterr()
        d.explain(*arguments)
        check([line for line in capsys.readouterr().out.splitlines() if line.startswith("==")])
    check.error(lambda: d.explain("nope"))
    check.error(lambda: d.explain(1))
