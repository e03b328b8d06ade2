"""RDDs as frames and frames as RDDs."""
import os

import pytest
from contexts import run_refusal


@pytest.fixture
def sc(spark):
    return spark.sparkContext


PAIRS = [("a", 1), ("b", 2), ("a", 3), (None, 4)]


def test_to_df(check, spark, sc, T):
    rdd = sc.parallelize(PAIRS, 3)
    for schema in (None, ["k", "v"], ("k",), "k string, v int", "struct<k:string,v:bigint>",
                   T.StructType([T.StructField("k", T.StringType()), T.StructField("v", T.LongType(), True)])):
        check.outcome(lambda s=schema: rdd.toDF(s))
        check.outcome(lambda s=schema: spark.createDataFrame(rdd, s))
    check.outcome(lambda: rdd.toDF().dtypes)


def test_elements_of_other_kinds(check, spark, sc, api):
    for data in ([api.Row(a=1, b="x"), api.Row(a=2, b=None)], [{"z": 1, "a": "q"}, {"z": 2, "a": "r"}], [[1, "l"], [2, "m"]],
                 [(1, [1, 2], {"k": 1.5})], [(None, 1), (2, 3)], [((1, "in"), 2)]):
        check.outcome(lambda d=data: spark.createDataFrame(sc.parallelize(d, 2)))
    for data, schema in (([1, 2, None], "int"), (["a", "b"], "string"), ([{"a": 1}], "map<string,int>"), ([1.5], "double")):
        check.outcome(lambda d=data, s=schema: spark.createDataFrame(sc.parallelize(d, 2), s))


def test_inference(check, spark, sc):
    for data in ([], [()], [(None,), (None,)], [(None,), (1,)], [1, 2], ["a"]):
        check.outcome(lambda d=data: spark.createDataFrame(sc.parallelize(d, 1)).dtypes)
    mixed = sc.parallelize([(1,), ("x",)], 1)
    check.outcome(lambda: spark.createDataFrame(mixed).dtypes)
    check(run_refusal(lambda: spark.createDataFrame(mixed, samplingRatio=1.0)))
    check.outcome(lambda: spark.createDataFrame(sc.parallelize([{"a": 1}, {"b": 2}], 1), samplingRatio=1.0))


def test_checks(check, spark, sc):
    wrong = sc.parallelize([("a", "x")], 1)
    frame = spark.createDataFrame(wrong, "k string, v int")
    check(run_refusal(frame.collect))
    check.outcome(lambda: spark.createDataFrame(wrong, "k string, v int", verifySchema=False))
    check(run_refusal(lambda: spark.createDataFrame(sc.parallelize([("a",)], 1), "k string, v int").collect()))
    check.error(lambda: spark.createDataFrame(wrong, 5))


def test_lazy(check, spark, sc):
    counted = sc.accumulator(0)
    frame = sc.parallelize(range(4), 2).map(lambda x: (counted.add(1), (x, str(x)))[1]).toDF("n int, s string")
    check([counted.value, frame.count(), counted.value, len(frame.collect()), counted.value])
    failing = sc.parallelize([1, 0], 2).map(lambda x: (1 // x,)).toDF("n int")
    check(failing.schema.simpleString())
    check(run_refusal(failing.collect))


def test_sql_over_views(check, spark, sc):
    words = sc.parallelize("the cat sat on the mat the end".split(), 3).map(lambda w: (w, len(w))).toDF(["word", "size"])
    words.createOrReplaceTempView("words_of_rdd")
    check(spark.sql("select word, count(*) as n from words_of_rdd where size > 2 group by word having count(*) >= 1 order by n desc, word limit 3"))
    check.unordered(spark.sql("select size, count(1) from words_of_rdd group by size"))
    check(words.groupBy("size").count().orderBy("size"))
    check.unordered(words.join(words.groupBy("word").count(), "word").distinct())
    check(words.filter("size = 3").limit(2).count())


def test_a_view_outlives_its_rdd(check, spark, sc):
    import gc

    def make():
        words = sc.parallelize(["a b", "b c"], 2).flatMap(str.split).map(lambda w: (w, 1)).reduceByKey(lambda a, b: a + b)
        words.toDF(["w", "n"]).createOrReplaceTempView("counts_of_rdd")

    make()
    gc.collect()
    sc.parallelize([1]).count()
    for _ in range(2):
        check(spark.sql("select w, n from counts_of_rdd order by w"))


def test_rdd_of_a_frame(check, spark, sc):
    frame = spark.createDataFrame(PAIRS, "k string, v int")
    check(frame.rdd.collect())
    check([frame.rdd is frame.rdd, frame.rdd.getNumPartitions()])
    check(frame.rdd.map(lambda row: (row.k, row["v"])).filter(lambda p: p[0]).reduceByKey(lambda a, b: a + b).collectAsMap())
    check(frame.select("v").rdd.flatMap(list).sum())
    check(frame.rdd.toDF().schema.simpleString())


def test_partitions_of_frames(check, spark, sc):
    shapes = lambda frame: frame.rdd.glom().map(lambda part: [list(row) for row in part]).collect()
    check(shapes(spark.createDataFrame([(i,) for i in range(7)], "n int")))
    check(shapes(spark.range(10)))
    check(shapes(spark.range(0, 10, 3, 3).filter("id > 2").selectExpr("id * 2")))
    check(shapes(spark.range(3).union(spark.range(5, 7))))
    check(sorted(map(len, shapes(spark.range(9).repartition(3)))))
    check(shapes(spark.range(4).groupBy().count()))
    check(shapes(spark.range(4).orderBy("id", ascending=False)))
    check(shapes(sc.parallelize([(1,), (2,), (3,)], 3).toDF("n int").filter("n <> 2")))
    check(shapes(spark.range(5).limit(2)))


def test_foreach(check, spark, sc):
    seen = sc.accumulator(0)
    spark.range(5).foreach(lambda row: seen.add(row.id))
    check(seen.value)
    spark.range(5).foreachPartition(lambda rows: seen.add(len(list(rows))))
    check(seen.value)
    check(run_refusal(lambda: spark.range(3).foreach(lambda row: 1 // 0)))


def test_types_both_ways(check, spark):
    frame = spark.sql("""select date'2020-01-02' d, timestamp'2020-01-02 03:04:05.678' t, cast(1.5 as decimal(5,2)) c, array(1, null) a,
        map('k', 1) m, named_struct('x', 1, 'y', 'z') s, cast('b' as binary) b, null n, 1.5D f, true l""")
    check(frame.rdd.collect())
    check(spark.createDataFrame(frame.rdd, frame.schema))


JSON = ['{"a": 1, "b": {"c": "x"}, "t": "2020-01-01"}', "", '{"a": 2,\n "d": [1.5, null]}', '[{"a": 7}, {"a": 8}]', "no json", " "]


def test_read_json(check, spark, sc):
    frame = spark.read.json(sc.parallelize(JSON, 3))
    check(frame.schema.simpleString())
    check(frame.collect())
    check(spark.read.json(sc.parallelize(JSON, 2), schema="a int, t timestamp, _corrupt_record string").collect())
    check(spark.read.json(sc.parallelize(JSON, 2), mode="DROPMALFORMED").count())
    check([row.v for row in spark.read.json(sc.parallelize(range(500), 7).map(lambda i: '{"v": %d}' % i)).collect()] == list(range(500)))
    for data in ([{"a": 1}], [b'{"a": 1}'], ["no json", " "], [], [5], ['{"é": "東京"}']):
        check.outcome(lambda d=data: spark.read.json(sc.parallelize(d, 2)))
    check.outcome(lambda: spark.read.json(sc.emptyRDD()))
    check(run_refusal(lambda: spark.read.json(sc.parallelize([1], 1).map(lambda x: x // 0))))
    check.error(lambda: spark.read.json(5))


def test_read_csv(check, spark, sc):
    rdd = sc.parallelize(["", "a,b", "1,x", "a,b", '2,"y z"', "", "3,é"], 3)
    check(spark.read.csv(rdd).collect())
    check.outcome(lambda: spark.read.csv(rdd, header=True, inferSchema=True))
    check.outcome(lambda: spark.read.option("header", "true").option("sep", ";").csv(rdd))
    check.outcome(lambda: spark.read.csv(rdd, schema="p string, q string"))
    for data in ([], [1, 2.5], ["a,b"]):
        check.outcome(lambda d=data: spark.read.csv(sc.parallelize(d, 2), header=False))


def test_reading_an_rdd_leaves_no_files(check, spark, sc, impl):
    if impl == "pyspark":
        return
    before = sorted(os.listdir(sc._local_dir))
    frame = spark.read.json(sc.parallelize(JSON, 3))
    assert sorted(os.listdir(sc._local_dir)) == before
    assert frame.filter("a > 6").count() == 2


def test_to_json(check, spark, sc, api):
    import datetime
    import decimal

    row = (1, None, [1, 2], {"a": 1.5}, api.Row(x="é", y=None), datetime.date(2020, 1, 2), decimal.Decimal("1.50"), True)
    frame = spark.createDataFrame([row], "a int, b string, c array<int>, d map<string,double>, e struct<x:string,y:int>, "
                                         "g date, h decimal(10,2), i boolean")
    check([frame.toJSON().collect(), frame.toJSON(False).map(repr).collect(), frame.toJSON().map(len).first()])
    check([spark.createDataFrame([(1, 2)], ["a.b", "c d"]).toJSON().collect(), spark.range(3).select().toJSON().collect()])
    check(spark.read.json(frame.toJSON()).collect())
    check(str(frame.rdd).split("[")[0] + str(frame.rdd).partition("]")[2])


def test_columns_named_like_functions_without_parentheses(check, spark, sc):
    frame = spark.createDataFrame(sc.parallelize([("ann", 1), ("bob", 2), ("ann", 3)], 2), ["user", "current_date"])
    frame.createOrReplaceTempView("visits")
    for text in ("SELECT user, sum(current_date) AS s FROM visits GROUP BY user ORDER BY user",
                 "SELECT USER, visits.user FROM visits WHERE user = 'bob'",
                 "SELECT count(*) FROM visits WHERE current_date > 1",
                 "SELECT a.user FROM visits a JOIN visits b ON a.user = b.user AND a.current_date < b.current_date",
                 "SELECT user AS current_user FROM visits WHERE user LIKE 'b%' ORDER BY current_user",
                 "SELECT current_date = current_date() FROM range(1)"):
        check.outcome(lambda t=text: spark.sql(t))
    check.outcome(lambda: frame.filter("user = 'ann'").selectExpr("user", "current_date + 1 AS n").groupBy("user").sum("n"))
    spark.catalog.dropTempView("visits")


HAVING = {
    "an alias of an aggregate's column": "select word, sum(total) total from w group by word having sum(total) > 1",
    "another aggregate of it": "select word, max(total) as total from w group by word having max(total) > 3",
    "an alias of what is grouped by": "select upper(word) word, sum(total) s from w group by word having word = 'a'",
    "by the alias": "select word, sum(total) s from w group by word having s > 1",
    "by the output of another name": "select word k, count(*) n from w group by word having k = 'b' and n > 0",
    "without a group": "select sum(total) total from w having sum(total) > 1",
    "a key that is not shown": "select sum(total) s from w group by word having word > 'a'",
    "an expression of the key": "select upper(word) u, sum(total) s from w group by upper(word) having upper(word) = 'A'",
    "a column that is not grouped by": "select word, sum(total) s from w group by word having total > 1",
}


@pytest.mark.parametrize("name", HAVING)
def test_names_in_having(check, sc, spark, name):
    sc.parallelize([("a", 3), ("a", 5), ("b", 1)]).toDF(["word", "total"]).createOrReplaceTempView("w")
    check.outcome(lambda: sorted(map(tuple, spark.sql(HAVING[name]).collect())))
