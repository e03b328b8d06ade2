"""The scripts on RDDs that PySpark's package brings, unchanged: `python -m pyspark_compat script.py …` prints what PySpark prints."""

import os
import random
import re
import subprocess
import sys

import pytest

import sources

STREAMS = sources.examples()
pytestmark = pytest.mark.skipif(STREAMS is None, reason="needs the package pyspark 4.3.0: python tests/conformance/sources.py build/pyspark-sources")
SETTINGS = "--master local[2] --conf spark.default.parallelism=4 --conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false pyspark-shell"


@pytest.fixture
def script(impl, tmp_path):
    """script(name, *arguments): runs one and gives its exit code, output and error output."""

    def run(name, *arguments):
        module = ["-m", "pyspark_compat"] if impl != "pyspark" else []
        environment = {**os.environ, "PYSPARK_SUBMIT_ARGS": SETTINGS}
        if impl != "pyspark":
            root = str(sources.HERE.parents[1])
            environment["PYTHONPATH"] = os.pathsep.join([root, os.path.join(root, "python"), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, *module, str(STREAMS.parents[1] / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=240)
        return done.returncode, done.stdout, done.stderr

    return run


def write(folder, name, *lines):
    path = folder / name
    path.write_text("".join(line + "\n" for line in lines))
    return path


def test_wordcount(check, script, tmp_path):
    check(script("wordcount.py", write(tmp_path, "words", "the cat sat on the mat", "the end", "cat"))[:2])
    check(script("wordcount.py")[0])


def test_pi(check, script):
    code, said, _ = script("pi.py", 2)
    check([code, re.sub(r"\d+$", "N", said.strip())])


def test_sort(check, script, tmp_path):
    check(script("sort.py", write(tmp_path, "numbers", "5 3", "1 22 -4", "7"))[:2])


def test_transitive_closure(check, script):
    check(script("transitive_closure.py", 2)[:2])


def test_pagerank(check, script, tmp_path):
    code, said, _ = script("pagerank.py", write(tmp_path, "links", "a b", "a c", "b c", "c a", "d c"), 3)
    check([code, sorted(said.splitlines())])


def test_status_api_demo(check, script):
    code, said, _ = script("status_api_demo.py")
    lines = said.splitlines()
    check([code, re.sub(r"\[.*", "", lines[-1]), sorted(re.findall(r"\(\d+, \d+\)", lines[-1]))])
    check(sorted({re.sub(r"\(.*", "", line) for line in lines[:-1]}))


def test_kmeans(check, script, tmp_path):
    data = write(tmp_path, "points", *("%.1f %.1f %.1f" % (x, x, x) for x in (0.0, 0.1, 0.2, 9.0, 9.1, 9.2)))
    code, said, _ = script("kmeans.py", data, 2, 0.1)
    check([code, said])


def test_logistic_regression(check, script, tmp_path):
    source = random.Random(5)
    points = [(i % 2, [source.gauss(2.0 if i % 2 else -2.0, 1) for _ in range(10)]) for i in range(40)]
    data = write(tmp_path, "points", *("%d %s" % (y, " ".join("%.4f" % x for x in xs)) for y, xs in points))
    code, said, _ = script("logistic_regression.py", data, 3)
    weights = re.sub(r"-?\d+\.\d*(e[-+]\d+)?", "w", " ".join(said.split()))  # it starts anywhere
    check([code, weights.replace("[ ", "[").replace(" ]", "]")])


def test_als(check, script):
    code, said, _ = script("als.py", 20, 30, 5, 3, 2)
    check([code, rounded(said)])


def rounded(text):
    """Long fractions with six digits: the order of sums is not the same at every run."""
    return re.sub(r"-?\d+\.\d{7,}", lambda found: "%.6g" % float(found[0]), " ".join(text.split()))


@pytest.mark.only_ours("PySpark needs files of these formats, and classes of Java, which we refuse")
@pytest.mark.parametrize("name", ["avro_inputformat.py", "parquet_inputformat.py"])
def test_hadoop_formats_are_refused_by_name(script, name):
    code, _, said = script(name, "file")
    assert code == 1
    assert "NOT_IMPLEMENTED" in said and "SparkContext.newAPIHadoopFile" in said
