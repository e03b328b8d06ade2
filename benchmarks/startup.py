"""From import to the first collected row, in a new process.

    python startup.py --impl pyspark|pyspark_compat
"""

import argparse
import importlib
import json
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--impl", default="pyspark_compat")
    impl = parser.parse_args().impl
    started = time.perf_counter()
    sql = importlib.import_module(f"{impl}.sql")
    imported = time.perf_counter()
    spark = sql.SparkSession.builder.master("local[2]").appName("startup").config("spark.ui.enabled", "false").getOrCreate()
    session = time.perf_counter()
    rows = spark.range(1).collect()
    done = time.perf_counter()
    assert rows[0].id == 0
    print(json.dumps({"impl": impl, "import_s": round(imported - started, 3), "session_s": round(session - imported, 3),
                      "first_row_s": round(done - started, 3)}), flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
