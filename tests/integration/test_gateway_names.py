"""The names of PySpark's gateway that programs import and catch, under the alias."""
import os
import subprocess
import sys

SCRIPT = """
from py4j.java_gateway import JavaObject, is_instance_of
from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark import SparkContext
from pyspark.errors import PySparkException

assert issubclass(Py4JJavaError, Py4JError) and issubclass(Py4JNetworkError, Py4JError) and issubclass(Py4JError, PySparkException)
with SparkContext("local[2]") as context:
    try:
        context.parallelize([1, 0], 2).map(lambda x: 1 // x).collect()
    except Py4JJavaError as e:
        assert "ZeroDivisionError" in str(e) and "lambda" in str(e), str(e)
        assert e.java_exception.getClass().getName() == "org.apache.spark.api.python.PythonException"
        assert "ZeroDivisionError" in e.java_exception.getMessage() and not isinstance(e, JavaObject)
    else:
        raise SystemExit("it did not raise")
    try:
        context.textFile("/no/such/file").count()
    except Py4JError as e:
        assert e.java_exception.getClass().getSimpleName() == "InvalidInputException"
print("as it should be")
"""


def test_names_of_the_gateway(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-m", "pyspark_compat", str(script)], capture_output=True, text=True, env=environment, timeout=60)
    assert (done.returncode, done.stdout) == (0, "as it should be\n"), done.stderr
