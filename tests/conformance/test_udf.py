"""Python functions: udf, pandas_udf, mapInArrow, mapInPandas; types both ways, nulls, wrong returns, tracebacks, closures."""

import datetime
import decimal
import os

import pytest

from streams import available

D = decimal.Decimal


def plus_one(x):
    return None if x is None else x + 1


@pytest.fixture
def frame(spark):
    return spark.createDataFrame([(1, "a", 1.5), (2, None, None), (None, "c", -1.0)], "i int, s string, d double").coalesce(1)


FORMS = {
    "call": lambda F, T: F.udf(lambda x: x * 2 if x is not None else None, T.IntegerType())("i"), "ddl type": lambda F, T: F.udf(lambda x: str(x), "string")("i"), "default type": lambda F, T: F.udf(lambda x: repr(x))("s"), "two columns": lambda F, T: F.udf(lambda x, y: f"{x}{y}")("i", "s"),
    "no columns": lambda F, T: F.udf(lambda: 7, "int")(), "column argument": lambda F, T: F.udf(lambda x: x, "int")(F.coalesce("i", F.lit(9))), "keyword": lambda F, T: F.udf(lambda x, y: f"{x}-{y}")(y="i", x=F.col("s")), "default argument": lambda F, T: F.udf(lambda x, y=5: f"{x}{y}")("i"), "nested": lambda F, T: F.udf(lambda x: f"<{x}>")(F.udf(lambda x: f"[{x}]")("s")),
    "nondeterministic": lambda F, T: F.udf(lambda x: x, "int").asNondeterministic()("i"), "in expression": lambda F, T: F.upper(F.udf(lambda x: x)("s")) , "varargs": lambda F, T: F.udf(lambda *a: len(a), "int")("i", "s", "d"), "literal": lambda F, T: F.udf(lambda x: x, "int")(F.lit(3)), "star not": lambda F, T: F.udf(lambda x: x, "int")("nope"),
    "wrong count": lambda F, T: F.udf(lambda x: x, "int")("i", "s"), "struct argument": lambda F, T: F.udf(lambda r: f"{type(r).__name__} {r.i} {r['s']}")(F.struct("i", "s")), "array argument": lambda F, T: F.udf(lambda a: f"{type(a).__name__} {a}")(F.array("i", F.lit(1))), "map argument": lambda F, T: F.udf(lambda m: f"{type(m).__name__} {m}")(F.create_map(F.lit("k"), "i")),
    "module function": lambda F, T: F.udf(plus_one, "int")("i"), "numpy vector": lambda F, T: F.udf(lambda x: __import__("numpy").array([1, x or 0]), "array<long>")("i"), "numpy vector of doubles as int": lambda F, T: F.udf(lambda x: __import__("numpy").array([1.5, -2.5]), "array<int>")("i"),
    "builtin": lambda F, T: F.udf(len, "int")(F.coalesce("s", F.lit(""))), "partial": lambda F, T: F.udf(__import__("functools").partial(lambda a, b: f"{a}{b}", "p"))("s"),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(check, frame, F, T, name):
    check.outcome(lambda: frame.select(FORMS[name](F, T).alias("c")))


def test_decorators(check, frame, F, T):
    @F.udf
    def one(x):
        """its text"""
        return f"{x}!"

    @F.udf("int")
    def two(x):
        return 2

    @F.udf(returnType=T.DoubleType())
    def three(x):
        return x

    check(frame.select(one("s"), two("i"), three("d")))
    check([one.__name__, one.__doc__, str(one.returnType), two.returnType.simpleString(), one.deterministic, one.asNondeterministic().deterministic])
    check(frame.select(one("s"), F.udf(lambda x: x)("s")).columns)
    check(frame.where(F.udf(lambda x: x is not None, "boolean")("s")).orderBy("i"))


INPUTS = {
    "boolean": "true", "tinyint": "1Y", "smallint": "2S", "int": "3", "bigint": "4L", "float": "cast(1.5 as float)", "double": "2.5D", "decimal": "1.50BD", "string": "'x'", "binary": "X'6162'", "date": "date'2024-01-02'", "timestamp": "timestamp'2024-01-02 03:04:05.678901'", "timestamp_ntz": "timestamp_ntz'2024-01-02 03:04:05'", "array": "array(1, null)",
    "map": "map('a', 1)", "struct": "named_struct('a', 1, 'b', 'x')", "nested": "array(named_struct('a', map('k', date'2024-01-01')))", "null": "null", "interval": "interval 1 day 2 hours", "array of timestamps": "array(timestamp'2024-01-02 00:00:00')", "array of decimals": "array(1.5BD)", "array of structs": "array(named_struct('a', 1))",
}


@pytest.mark.parametrize("name", INPUTS)
def test_what_the_function_gets(check, spark, F, name):
    d = spark.range(1).selectExpr(f"{INPUTS[name]} as v")
    check.outcome(lambda: d.select(F.udf(lambda v: f"{type(v).__name__} {v!r}")("v").alias("c")))


RETURNS = {
    "boolean": ("boolean", [True, None, 1, "x"]), "tinyint": ("tinyint", [1, 128, 1.0]), "int": ("int", [1, None, "3", 3.5, 2**40, True, "x"]), "bigint": ("bigint", [2**40, 2**63]), "float": ("float", [1.5, 1, "1.5"]), "double": ("double", [1.5, 1, float("nan"), D("1.5"), "x"]), "decimal": ("decimal(5,2)", [D("1.5"), D("1.005"), D("12345.6"), 1, 1.5, None]),
    "string": ("string", ["x", 1, 1.5, [1], {"a": 1}, None, True, b"x", datetime.date(2024, 1, 1), (1, 2)]), "binary": ("binary", [b"x", bytearray(b"y"), "x", 1]), "date": ("date", [datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, 5), "2024-01-01", None, 5]), "timestamp": ("timestamp", [datetime.datetime(2024, 1, 1, 5), datetime.date(2024, 1, 1), "x", None]),
    "timestamp_ntz": ("timestamp_ntz", [datetime.datetime(2024, 1, 1, 5)]), "array": ("array<int>", [[1, None], (1, 2), [], "ab", [1, "x"], {1}, None, range(2)]), "map": ("map<string,int>", [{"a": 1, "b": None}, {}, [("a", 1)], {1: 2}]), "struct": ("struct<a:int,b:string>", [(1, "x"), {"a": 1, "b": "x"}, {"b": "y"}, [2, "z"], (1,), None, 5]), "array of struct": ("array<struct<a:int>>", [[(1,), {"a": 2}], [None]]),
    "nested map": ("map<string,array<double>>", [{"k": [1.5, None]}]), "void": ("void", [None]),
}
CASES = [(n, i) for n, (_, values) in RETURNS.items() for i in range(len(values))]


@pytest.mark.parametrize("name,number", CASES)
def test_what_it_may_return(check, spark, F, name, number):
    ddl, values = RETURNS[name]
    value = values[number]
    try:
        check(spark.range(1).select(F.udf(lambda _: value, ddl)("id").alias("c")))
    except Exception as e:
        check([type(e).__name__, e.getCondition()] if hasattr(e, "getCondition") else type(e).__name__)


def test_row_as_a_return(check, spark, F, api):
    Row = api.Row
    check(spark.range(1).select(F.udf(lambda x: Row(a=x, b="q"), "a bigint, b string")("id").alias("c")).select("c.*"))
    with pytest.raises(api.errors.PySparkException) as caught:
        spark.range(1).select(F.udf(lambda x: Row(b="q", a=x), "a bigint, b string")("id").alias("c")).collect()
    check(caught.value.getCondition())


def test_wrong_definitions(check, F, frame):
    for function in [lambda: F.udf(5), lambda: F.udf(lambda x: x, "nosuch"), lambda: F.udf(lambda x: x, 5)("i"), lambda: F.udf(lambda x: x)(5), lambda: frame.select(F.udf(lambda x: x)()), lambda: F.udf(lambda x: x)("i", x="s")]:
        check.outcome(lambda: type(function()).__name__)


def test_raising(check, frame, F, api):
    def inner(x):
        raise ValueError(f"bad value {x}")

    def outer(x):
        return inner(x)

    with pytest.raises(api.errors.PythonException) as caught:
        frame.select(F.udf(outer)("i")).collect()
    e = caught.value
    text = str(e)
    check([type(e).__name__, e.getCondition(), e.getSqlState(), "ValueError: bad value 1" in text, "in outer" in text, "in inner" in text, os.path.basename(__file__) in text, "Traceback (most recent call last)" in text])


def test_raising_in_a_stream(check, feed, F, api):
    feed.add("a=1")

    def bad(v):
        return 1 / (v - 1)

    q = feed.frame().select(F.udf(bad, "double")("v")).writeStream.format("noop").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.awaitTermination(60)
    e = caught.value
    check([e.getCondition(), "PYTHON_EXCEPTION" in str(e), "ZeroDivisionError: division by zero" in str(e), "in bad" in str(e), "return 1 / (v - 1)" in str(e)])


def test_closures(check, spark, F):
    offset, table = 10, {"a": 1}

    class Adder:
        def __init__(self, n):
            self.n = n

        def __call__(self, x):
            return x + self.n + offset

    helper = lambda x: x * 2
    check(spark.range(2).select(F.udf(lambda x: helper(x) + offset, "bigint")("id"), F.udf(Adder(5), "bigint")("id"), F.udf(lambda x: table.get("a"), "int")("id"), F.udf(lambda x: os.path.join("p", str(x)))("id")))


def test_what_cannot_be_pickled(check, spark, F):
    import threading

    lock = threading.Lock()
    check.error(lambda: spark.range(1).select(F.udf(lambda x: str(lock))("id")).collect())
    check.error(lambda: spark.range(1).select(F.udf(lambda x: spark.range(1).count())("id")).collect())


def test_sys_exit(check, spark, F, api):
    import sys

    try:
        spark.range(1).select(F.udf(lambda x: sys.exit(3))("id")).collect()
        check("no error")
    except Exception as e:
        check(isinstance(e, api.errors.PySparkException) or type(e).__name__ == "Py4JJavaError")


def test_many_rows_and_partitions(check, spark, F):
    d = spark.range(0, 50000, 1, 4).select(F.udf(lambda x: x % 7, "bigint")("id").alias("m"))
    check(d.groupBy("m").count().orderBy("m"))


def test_with_aggregates_joins_filters(check, spark, F):
    parity = F.udf(lambda x: x % 2, "bigint")
    d = spark.range(10)
    check(d.groupBy(parity("id").alias("p")).agg(F.sum("id")).orderBy("p"))
    check(d.where(parity("id") == 1).select("id", parity("id") + 10).orderBy("id"))
    check(d.withColumn("p", parity("id")).join(spark.createDataFrame([(0, "even")], "p bigint, n string"), "p").select("id", "n").orderBy("id"))
    check(d.groupBy((F.col("id") % 3).alias("k")).agg(F.collect_list("id").alias("l")).select("k", F.udf(lambda l: sum(l), "bigint")("l").alias("s")).orderBy("k"))
    check(d.select(F.when(parity("id") == 0, "e").otherwise("o").alias("c")).distinct().orderBy("c"))


def test_session_zone_in_workers(check, spark, F, conf):
    conf("spark.sql.session.timeZone", "Asia/Kolkata")
    d = spark.range(1).selectExpr("timestamp'2024-01-01 00:00:00' as t")
    check(d.select(F.udf(lambda t: t.isoformat())("t"), F.udf(lambda t: t, "timestamp")("t").cast("string")))


# -- pandas and Arrow -----------------------------------------------------------------------------------------
PANDAS = {
    "series": lambda F, pd: F.pandas_udf(lambda s: s + 1, "long")("id"), "two": lambda F, pd: F.pandas_udf(lambda a, b: a + b, "long")("id", "id"), "scalar of text": lambda F, pd: F.pandas_udf(lambda s: s.astype(str) + "!", "string")("id"), "double": lambda F, pd: F.pandas_udf(lambda s: s / 2, "double")("id"),
    "wrong length": lambda F, pd: F.pandas_udf(lambda s: s[:1], "long")("id"), "wrong kind": lambda F, pd: F.pandas_udf(lambda s: 5, "long")("id"), "wrong type": lambda F, pd: F.pandas_udf(lambda s: s.astype(str) + "x", "long")("id"), "raises": lambda F, pd: F.pandas_udf(lambda s: s.nope, "long")("id"), "keyword": lambda F, pd: F.pandas_udf(lambda a, b: a - b, "long")(b="id", a=F.col("id") * 2),
    "struct in": lambda F, pd: F.pandas_udf(lambda d: d["a"] + d["b"], "long")(F.struct(F.col("id").alias("a"), F.lit(1).alias("b"))), "list": lambda F, pd: F.pandas_udf(lambda s: s.apply(lambda x: [x, x]), "array<long>")("id"), "of timestamps": lambda F, pd: F.pandas_udf(lambda s: pd.to_datetime(s, unit="s"), "timestamp")("id"),
}


@pytest.mark.parametrize("name", PANDAS)
def test_pandas_udf_lambda(check, spark, F, name):
    import pandas as pd

    def run():
        return spark.range(0, 3, 1, 1).select(PANDAS[name](F, pd).alias("c")).collect()

    try:
        check(run())
    except Exception as e:
        check([type(e).__name__, e.getCondition()] if hasattr(e, "getCondition") else type(e).__name__)


def test_pandas_udf_hints(check, spark, F):
    import pandas as pd
    from typing import Iterator, Tuple

    @F.pandas_udf("long")
    def plain(s: pd.Series) -> pd.Series:
        return s * 2

    @F.pandas_udf("a long, b string")
    def struct(s: pd.Series) -> pd.DataFrame:
        return pd.DataFrame({"a": s, "b": s.astype(str)})

    @F.pandas_udf("long")
    def many(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        for s in batches:
            yield s + 100

    @F.pandas_udf("long")
    def pairs(batches: Iterator[Tuple[pd.Series, pd.Series]]) -> Iterator[pd.Series]:
        for a, b in batches:
            yield a * b

    check(spark.range(0, 4, 1, 1).select(plain("id"), struct("id"), many("id"), pairs("id", "id")))
    check(spark.range(3).select(plain(plain("id")).alias("c")).orderBy("c"))


@pytest.mark.parametrize("name", [n for n in INPUTS if n not in ("null",)])
def test_pandas_input_kinds(check, spark, F, name):
    import pandas as pd

    @F.pandas_udf("string")
    def kind(s: pd.Series) -> pd.Series:
        if isinstance(s, pd.DataFrame):
            return pd.Series([f"frame {list(s.columns)} {[str(t) for t in s.dtypes]}"] * len(s))
        return pd.Series([f"{s.dtype} {type(s.iloc[0]).__name__}"] * len(s))

    check.outcome(lambda: spark.range(1).selectExpr(f"{INPUTS[name]} as v").select(kind("v").alias("c")))


def test_map_in_arrow(check, spark):
    import pyarrow as pa

    d = spark.createDataFrame([(1, "a"), (2, None), (3, "c")], "i int, s string").coalesce(1)

    def keep(batches):
        for b in batches:
            yield b.filter(pa.compute.greater(b.column(0), 1))

    def names(batches):
        for b in batches:
            yield pa.RecordBatch.from_pydict({"text": [f"{type(b).__name__} {b.schema.names} {[str(t) for t in b.schema.types]}"]})

    def nothing(batches):
        for b in batches:
            pass
        return iter([])

    def more(batches):
        for b in batches:
            yield b
            yield b

    check(d.mapInArrow(keep, d.schema))
    check(d.mapInArrow(names, "text string"))
    check(d.mapInArrow(nothing, "x int"))
    check(d.mapInArrow(more, "i int, s string").orderBy("i"))
    for function, schema in [(keep, "i int"), (keep, "i int, t string"), (keep, "i string, s string"), (lambda b: 5, "i int"), (lambda b: [1], "i int"), (lambda b: 1 / 0, "i int"), (keep, "nosuch")]:
        try:
            check(d.mapInArrow(function, schema).collect())
        except Exception as e:
            check([type(e).__name__, e.getCondition()] if hasattr(e, "getCondition") else type(e).__name__)


def test_map_in_pandas(check, spark):
    import pandas as pd

    d = spark.createDataFrame([(1, "a", 1.5), (2, None, None), (3, "c", 0.5)], "i int, s string, d double").coalesce(1)

    def keep(frames):
        for f in frames:
            yield f[f.i > 1]

    def kinds(frames):
        for f in frames:
            yield pd.DataFrame({"text": [f"{list(f.columns)} {[str(t) for t in f.dtypes]}"]})

    def reordered(frames):
        for f in frames:
            yield f[["d", "i", "s"]]

    check(d.mapInPandas(keep, d.schema))
    check(d.mapInPandas(kinds, "text string"))
    check(d.mapInPandas(reordered, d.schema))
    for function, schema in [(keep, "i int"), (keep, "i int, t string, d double"), (lambda b: 5, "i int"), (lambda b: [1], "i int"), (lambda b: 1 / 0, "i int")]:
        try:
            check(d.mapInPandas(function, schema).collect())
        except Exception as e:
            check([type(e).__name__, e.getCondition()] if hasattr(e, "getCondition") else type(e).__name__)


def test_in_streams(check, feed, F):
    import pandas as pd

    for t in ["a=1 b=2", "c=3"]:
        feed.add(t)

    @F.pandas_udf("int")
    def double(s: pd.Series) -> pd.Series:
        return s * 2

    def arrow(batches):
        for b in batches:
            yield b

    def pandas(frames):
        for f in frames:
            yield f.assign(v=f.v + 1)

    d = feed.frame().select("k", "v")
    check(available(d.select(F.udf(lambda k, v: f"{k}{v}")("k", "v"), double("v"))).batches)
    check(available(d.mapInArrow(arrow, d.schema)).batches)
    check(available(d.mapInPandas(pandas, d.schema)).batches)
    check(available(d.withColumn("u", F.udf(lambda v: v % 2, "int")("v")).groupBy("u").count(), "update").batches)


def test_udf_in_foreach_batch(check, feed, F):
    feed.add("a=1 b=2")
    got = []
    q = feed.frame().writeStream.foreachBatch(lambda f, i: got.append(sorted(r[0] for r in f.select(F.udf(lambda v: v * 10, "int")("v")).collect()))).trigger(availableNow=True).start()
    q.awaitTermination(60)
    check(got)


@pytest.mark.only_ours("PySpark has one Python process a core whatever the test, and no counter to ask")
def test_prints_of_workers_are_on_stderr():
    """In a process of its own: workers print where standard error was when the first of them started."""
    import subprocess
    import sys

    script = """
from pyspark_compat.sql import SparkSession, functions as F

def loud(x):
    print("said in a worker", flush=True)
    return x

session = SparkSession.builder.master("local[1]").getOrCreate()
print(session.range(1).select(F.udf(loud, "bigint")("id")).collect())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "said in a worker" in done.stderr and "said in a worker" not in done.stdout and "Row" in done.stdout
