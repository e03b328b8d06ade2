"""Bad input, and where its error rises: at the call that makes the frame, or at the action."""

import pytest


@pytest.fixture
def frame(spark):
    return spark.createDataFrame([(1, "a", [1], ("x", 2))], "id int, name string, l array<int>, s struct<p:string,q:int>")


ANALYSIS = {
    "unknown column": lambda d, F: d.select("nope"), "unknown with suggestion": lambda d, F: d.select("nmae"), "unknown quoted": lambda d, F: d.select("`a.b`"), "unknown nested": lambda d, F: d.select("s.z"), "unknown in expr": lambda d, F: d.selectExpr("id + nope"), "unknown in where": lambda d, F: d.where("nope > 1"),
    "unknown in orderBy": lambda d, F: d.orderBy("nope"), "unknown in groupBy": lambda d, F: d.groupBy("nope").count(), "unknown in withColumn": lambda d, F: d.withColumn("x", F.col("nope")), "unknown in agg": lambda d, F: d.agg(F.sum("nope")), "unknown qualifier": lambda d, F: d.select("t.id"), "unknown function": lambda d, F: d.selectExpr("no_such_fn(id)"),
    "unknown on empty": lambda d, F: d.select().select("x"), "ambiguous": lambda d, F: d.select("id", "id").select("id"), "ambiguous case": lambda d, F: d.select("id", F.col("id").alias("ID")).select("id"), "where not boolean": lambda d, F: d.where(F.col("id") + 1), "where string": lambda d, F: d.where("name"),
    "mismatch plus": lambda d, F: d.select(F.col("id") + F.col("l")), "mismatch and": lambda d, F: d.select(F.col("id") & F.col("name")), "mismatch compare": lambda d, F: d.select(F.col("l") == F.col("s")), "mismatch in": lambda d, F: d.select(F.col("id").isin(["x", [1]])), "mismatch case": lambda d, F: d.selectExpr("case when id then 1 end"),
    "wrong count": lambda d, F: d.selectExpr("upper()"), "wrong count 2": lambda d, F: d.selectExpr("substring(name)"), "wrong count 3": lambda d, F: d.selectExpr("coalesce()"), "bad cast": lambda d, F: d.select(F.col("l").cast("int")), "union columns": lambda d, F: d.union(d.select("id")), "union types": lambda d, F: d.select("id").union(d.select("l")),
    "unionByName": lambda d, F: d.unionByName(d.select("id")), "order by map": lambda d, F: d.select(F.create_map("id", "name").alias("m")).orderBy("m"), "sort array ok": lambda d, F: d.orderBy("l"), "drop ambiguous": lambda d, F: d.select("id", "id").drop("id"), "toDF count": lambda d, F: d.toDF("a", "b"), "star in function": lambda d, F: d.select(F.upper("*")),
    "alias star": lambda d, F: d.select(F.col("*").alias("x")), "window function alone": lambda d, F: d.selectExpr("row_number()"), "aggregate in where": lambda d, F: d.where("count(id) > 1"), "generator in where": lambda d, F: d.where(F.explode("l") > 1), "two generators": lambda d, F: d.select(F.explode("l"), F.explode("l")), "withColumns dup": lambda d, F: d.withColumns({"a": F.lit(1), "A": F.lit(2)}),
    "duplicate names written": lambda d, F: d.select("id", "id").write.mode("overwrite").format("noop").save(), "table": lambda d, F: d.sparkSession.table("no_such_table"), "join using missing": lambda d, F: d.join(d, "nope"), "limit text": lambda d, F: d.limit("a"), "explode string": lambda d, F: d.select(F.explode("name")), "watermark type": lambda d, F: d.withWatermark("name", "1 second"),
    "watermark text": lambda d, F: d.withWatermark("id", "abc"), "decimal precision": lambda d, F: d.select(F.col("id").cast("decimal(50,2)")), "repartition negative": lambda d, F: d.repartition(-1), "sample": None,
    "lambda of too many": lambda d, F: d.selectExpr("transform(l, (x, y, z) -> x)"), "lambda of too few": lambda d, F: d.selectExpr("aggregate(l, 1, x -> x)"),
}


@pytest.mark.parametrize("name", [n for n, f in ANALYSIS.items() if f])
def test_at_the_call(check_error, frame, F, name):
    check_error(lambda: ANALYSIS[name](frame, F))


RUNTIME = {
    "divide": "id / 0", "modulo": "id % 0", "overflow": "2147483647 + id", "long overflow": "9223372036854775807L + id", "multiply overflow": "9223372036854775807L * 2", "cast": "cast('x' as int)", "cast column": "cast(name as int)", "cast double": "cast(name as double)", "cast date": "cast(name as date)", "array index": "l[5]", "negative index": "l[-1]",
    "element_at": "element_at(l, 7)", "element_at 0": "element_at(l, 0)", "to_date": "to_date('7')", "to_date format": "to_date(name, 'yyyy')", "to_timestamp": "to_timestamp('x')", "decimal": "cast(12345.6 as decimal(3,1))", "bad pattern": "regexp_extract(name, '(', 1)", "bad group": "regexp_extract(name, '(a)', 4)", "date format": "date_format(current_timestamp(), 'b')",
    "negative sqrt is nan": "sqrt(-1)", "tiny overflow": "cast(127 as tinyint) + cast(1 as tinyint)", "negate": "-(-2147483648)", "abs": "abs(-2147483648)", "cast out of range": "cast(3e9 as int)", "map key null": "map(null, 1)", "duplicate key": "map(1, 2, 1, 3)", "boolean": "cast('maybe' as boolean)", "date_add": "date_add(date'9999-12-31', 2147483647)", "raise": "raise_error('boom')", "assert": "assert_true(id > 5)",
}


@pytest.mark.parametrize("name", RUNTIME)
def test_at_the_action(check, frame, name):
    d = frame.selectExpr(f"{RUNTIME[name]} as c")
    check.outcome(lambda: d)


PARSE = {
    "empty": "", "unfinished": "id +", "unbalanced": "(id", "extra bracket": "id)", "bad operator": "id === 1", "bare word": "id id2 id3", "bad string": "'abc", "keyword": "select", "from": "id from t", "star plus": "* +", "bad number": "1.2.3", "bad literal": "date'2024-13-01'", "bad timestamp": "timestamp'nope'", "bad interval": "interval 1 nonsense", "backquote": "`id", "case": "case when id end",
    "cast": "cast(id as)", "cast type": "cast(id as nosuch)", "comment": "id -- note", "block comment": "id /* note */ + 1", "unclosed comment": "id /* note", "colon": "id : int", "hash": "#id", "unicode name": "größe", "number first": "1id", "tiny literal": "300Y", "big literal": "9223372036854775808", "bad decimal": "1e400BD", "bad hex": "X'1'",
}


@pytest.mark.parametrize("name", PARSE)
def test_parse(check, frame, F, name):
    check.outcome(lambda: frame.select(F.expr(PARSE[name])))


def test_error_object(check, frame, api):
    with pytest.raises(api.errors.AnalysisException) as caught:
        frame.select("nmae")
    e = caught.value
    check([e.getCondition(), e.getSqlState(), e.getMessageParameters(), isinstance(e, api.errors.PySparkException), isinstance(e, Exception), str(e).startswith("[UNRESOLVED_COLUMN.WITH_SUGGESTION]"), "SQLSTATE: 42703" in str(e)])
    check([type(e).__mro__[1].__name__, hasattr(e, "getErrorClass"), len(e.getQueryContext()) >= 0])
    for value in e.getMessageParameters().values():
        assert value in str(e)


def test_class_hierarchy(check, api):
    names = ["AnalysisException", "ParseException", "IllegalArgumentException", "ArithmeticException", "ArrayIndexOutOfBoundsException", "DateTimeException", "NumberFormatException", "StreamingQueryException", "QueryExecutionException", "PythonException", "SparkRuntimeException", "SparkUpgradeException",
             "SparkNoSuchElementException", "PySparkTypeError", "PySparkValueError", "PySparkAttributeError", "PySparkRuntimeError", "PySparkNotImplementedError", "PySparkIndexError", "PySparkKeyError", "PySparkAssertionError", "PySparkPicklingError", "UnknownException", "UnsupportedOperationException", "TempTableAlreadyExistsException"]
    check([[n, [c.__name__ for c in getattr(api.errors, n).__mro__]] for n in names if hasattr(api.errors, n)])


def test_lambdas_where_none_belongs(check, frame, api, F):
    """The condition alone: its parameter is a class of Spark's."""
    for text in ["concat(x -> x, 'a')", "sum(x -> x)", "if(x -> x, true, false)", "array(x -> x)", "explode(x -> x)", "coalesce(null, x -> x)", "hash(x -> x)"]:
        with pytest.raises(api.errors.AnalysisException) as caught:
            frame.select(F.expr(text))
        check(caught.value.getCondition())


def test_python_side_errors(check, frame, F, spark, T):
    for function in [
        lambda: F.col(5), lambda: F.lit(object()), lambda: F.when(True, 1), lambda: frame.select([1, 2]), lambda: frame.groupBy(5), lambda: frame.join(5), lambda: frame.withColumnRenamed(1, 2), lambda: frame.withColumns([1]), lambda: frame.show("x"), lambda: frame.sort(), lambda: frame.alias(5), lambda: frame["id", "name"],
        lambda: frame[1.5], lambda: F.split("name"), lambda: frame.id.cast(5), lambda: frame.id.substr(1, F.lit(2)), lambda: frame.id.alias(), lambda: frame.id.alias("a", metadata=5), lambda: frame.withWatermark(1, 2), lambda: frame.withWatermark("id", 5), lambda: F.from_json("name", 5), lambda: F.window("id", 5), lambda: F.window("id", "1 second", 5),
        lambda: spark.createDataFrame(frame), lambda: spark.range("a"), lambda: spark.range(), lambda: T.ArrayType("x"), lambda: T.StructField("a", "nope"), lambda: T.DecimalType(50, 2), lambda: F.udf(5), lambda: frame.mapInArrow(5, "a int"), lambda: frame.dropDuplicates(5), lambda: frame.id > object(), lambda: frame.take("x"), lambda: frame.id[1:2:3], lambda: frame.unpivot,
    ]:
        check.outcome(function_result(function))


def function_result(function):
    def run():
        return type(function()).__name__

    return run
