"""Python code of the user's: modules beside the script, of tests, of the working directory, in workers as in the driver."""

import subprocess
import sys

MODULE = "def twice(v):\n    return 2 * v\n"


def test_a_module_beside_the_script_works_in_workers(script, tmp_path):
    (tmp_path / "helpers.py").write_text(MODULE)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert script("""
        import helpers
        spark = session(2)
        twice = F.udf(helpers.twice, "long")
        assert [r[0] for r in spark.range(3).select(twice("id")).collect()] == [0, 2, 4]
        @F.udf("long")
        def late(v):
            import helpers
            return helpers.twice(v)
        assert [r[0] for r in spark.range(3).select(late("id")).collect()] == [0, 2, 4]
        say("ok")
    """, cwd=elsewhere).ok() == ["ok"]


def test_the_working_directory_and_the_path_travel(script, tmp_path):
    here, library = tmp_path / "here", tmp_path / "library"
    here.mkdir()
    library.mkdir()
    (library / "inside.py").write_text(MODULE)
    (here / "words.txt").write_text("a b c")
    assert script("""
        sys.path.insert(0, sys.argv[1])
        spark = session(1)
        @F.udf("string")
        def read(v):
            import inside
            return open("words.txt").read().split()[inside.twice(v)]
        assert [r[0] for r in spark.range(2).select(read("id")).collect()] == ["a", "c"]
        where = F.udf(lambda v: os.getcwd(), "string")
        assert spark.range(1).select(where("id")).collect()[0][0] == os.getcwd()
        say("ok")
    """, library, cwd=here).ok() == ["ok"]


def test_classes_and_functions_of_main_travel(script):
    assert script("""
        import dataclasses
        spark = session(1)
        @dataclasses.dataclass
        class Pair:
            left: int
            right: int
            def sum(self): return self.left + self.right
        def added(v):
            return Pair(v, OFFSET).sum()
        OFFSET = 10
        add = F.udf(added, "long")
        assert [r[0] for r in spark.range(2).select(add("id")).collect()] == [10, 11]
        say("ok")
    """).ok() == ["ok"]


def test_functions_of_pytests_own_modules_work_in_workers(tmp_path):
    """A user's test suite: a test module that is no package, a conftest and a helper beside it."""
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "helper.py").write_text(MODULE)
    (suite / "conftest.py").write_text("""
import pytest
import pyspark_compat
pyspark_compat.as_pyspark()
from pyspark.sql import SparkSession
@pytest.fixture(scope="session")
def spark():
    session = SparkSession.builder.master("local[2]").getOrCreate()
    yield session
    session.stop()
""")
    (suite / "test_job.py").write_text("""
import pytest
from helper import twice
from pyspark.sql import functions as F
def thrice(v):
    return 3 * v
@F.udf("long")
def both(v):
    return twice(v) + thrice(v)
def test_functions(spark):
    assert [r[0] for r in spark.range(3).select(F.udf(thrice, "long")("id")).collect()] == [0, 3, 6]
    assert [r[0] for r in spark.range(3).select(F.udf(twice, "long")("id")).collect()] == [0, 2, 4]
    assert [r[0] for r in spark.range(3).select(both("id")).collect()] == [0, 5, 10]
def test_a_stream(spark, tmp_path):
    (tmp_path / "a.json").write_text('{"v": 4}')
    rows = spark.readStream.schema("v LONG").json(str(tmp_path))
    query = rows.select(both("v").alias("w")).writeStream.format("memory").queryName("t").trigger(availableNow=True).start()
    query.awaitTermination()
    assert spark.table("t").collect() == [(20,)]
""")
    for mode in ("prepend", "importlib"):
        extra = [] if mode == "prepend" else ["-o", "pythonpath=."]
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--import-mode={mode}", *extra],
                              cwd=suite, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout + done.stderr


UNCHANGED = """\
import sys, os, json
from collections import Counter
import pyspark
from pyspark import SparkConf, SparkContext, StorageLevel
from pyspark.sql import SparkSession, Row, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.functions import col, udf, window
from pyspark.sql.streaming import StreamingQueryListener
from pyspark.sql.utils import AnalysisException
import helpers

spark = SparkSession.builder.master("local[2]").appName("unchanged").config("spark.sql.session.timeZone", "UTC").getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

@udf(returnType=T.StructType([T.StructField("a", T.LongType()), T.StructField("b", T.StringType())]))
def pair(v):
    import pyspark.sql.types
    assert pyspark.sql.types.LongType is T.LongType
    return Row(a=helpers.twice(v), b=pyspark.__version__)

assert isinstance(spark.range(1), pyspark.sql.DataFrame)
rows = spark.range(2).select(pair("id").alias("p")).select("p.*").collect()
assert rows == [Row(a=0, b="4.3.0"), Row(a=2, b="4.3.0")], rows
try:
    spark.range(1).select("nothing")
except AnalysisException as e:
    assert e.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION", e.getCondition()
os.mkdir(sys.argv[1])
with open(sys.argv[1] + "/a.json", "w") as f:
    for i in range(10):
        f.write(json.dumps({"k": i % 2, "ts": f"2024-01-01T00:00:{i:02}Z"}) + "\\n")
stream = spark.readStream.schema("k LONG, ts TIMESTAMP").json(sys.argv[1])
counts = stream.withWatermark("ts", "1 second").groupBy(window("ts", "5 seconds"), "k").count()
query = counts.writeStream.outputMode("complete").format("memory").queryName("t").trigger(availableNow=True).start()
query.awaitTermination()
assert Counter(r["count"] for r in spark.table("t").collect()) == {2: 2, 3: 2}
print(__name__, sys.argv[0].endswith("job.py"), sys.argv[2:], pyspark.__version__)
spark.stop()
"""


def test_a_pyspark_script_runs_unchanged(tmp_path):
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "job.py").write_text(UNCHANGED)
    (beside / "helpers.py").write_text(MODULE)
    done = subprocess.run([sys.executable, "-m", "pyspark_compat", str(beside / "job.py"), str(tmp_path / "in"), "x"],
                          cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "__main__ True ['x'] 4.3.0\n"


def test_a_pyspark_module_runs_unchanged(tmp_path):
    (tmp_path / "helpers.py").write_text(MODULE)
    (tmp_path / "job.py").write_text(UNCHANGED)
    done = subprocess.run([sys.executable, "-m", "pyspark_compat", "-m", "job", str(tmp_path / "in")],
                          cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "__main__ True [] 4.3.0\n"


def test_the_users_own_exit_status_and_traceback(tmp_path):
    job = tmp_path / "job.py"
    for text, status, shown in (("import sys; sys.exit(3)", 3, ""), ("raise ValueError('mine')", 1, "ValueError: mine")):
        job.write_text("from pyspark.sql import SparkSession\nspark = SparkSession.builder.master('local[1]').getOrCreate()\n" + text + "\n")
        done = subprocess.run([sys.executable, "-m", "pyspark_compat", str(job)], capture_output=True, text=True, timeout=60)
        assert done.returncode == status and shown in done.stderr and "_run.py" not in done.stderr, done.stderr
