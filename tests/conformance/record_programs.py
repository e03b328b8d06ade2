"""Records PySpark's answers to the random programs, several at once: record_programs.py [FIRST LAST [THREADS]].

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


def main(first, last, threads):
    builder = SparkSession.builder.master("local[2]")
    for key, value in conftest.SETTINGS.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    goldens = conftest.Goldens(pathlib.Path(__file__).with_name("test_programs.json"))

    def run(seed):
        with tempfile.TemporaryDirectory() as folder:
            return seed, outcome(seed, spark.newSession(), F, pathlib.Path(folder))

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for seed, answer in pool.map(run, range(first, last + 1)):
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


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(*given, *[0, COUNT - 1, 4][len(given):])
