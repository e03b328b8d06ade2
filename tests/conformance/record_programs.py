"""Records PySpark's answers to the random programs, several at once: record_programs.py [SEED | FIRST-LAST]...; all without.

The answers are those that `pytest test_programs.py --impl pyspark --record` gives, sooner.
"""

import concurrent.futures
import pathlib
import sys
import tempfile
import types

import conftest
import pyspark
from canonical import Canon
from programs import outcome
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from test_programs import COUNT, tell


THREADS = 4


def main(seeds):
    builder = SparkSession.builder.master("local[2]")
    for key, value in conftest.SETTINGS.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    goldens = conftest.Goldens(pathlib.Path(__file__).with_name("test_programs.json"))

    def run(seed):
        with tempfile.TemporaryDirectory() as folder:
            return seed, outcome(seed, spark.newSession(), F, pathlib.Path(folder))

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for seed, answer in pool.map(run, seeds):
            check = conftest.Check(goldens, f"test_program[{seed}]", Canon(api()), True, False)
            tell(check, *answer)
            goldens.answers[check.name], goldens.changed = check.seen, True
            if seed % 20 == 19:
                goldens.save()
                print(seed, flush=True)
    goldens.save()
    spark.stop()


def api():
    sql = pyspark.sql
    return types.SimpleNamespace(name="pyspark", root=pyspark, sql=sql, F=F, T=sql.types, streaming=sql.streaming, errors=pyspark.errors, Row=sql.Row)


def seeds(given):
    for word in given or [f"0-{COUNT - 1}"]:
        first, _, last = word.partition("-")
        yield from range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    main(seeds(sys.argv[1:]))
