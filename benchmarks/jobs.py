"""What a job on RDDs costs besides the user's functions: milliseconds, the median of many.

    python benchmarks/jobs.py [--impl ours|pyspark] [--runs 200]

job: one task that gives one element · tasks: a task, of a job of 100 · batch: two stages of two tasks, as a DStream's batch
of a counting program · shuffle: 100,000 pairs through reduceByKey.
"""
import argparse
import json
import statistics
import time


def timed(call, runs):
    for _ in range(5):
        call()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        found.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(found), 3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--impl", choices=["ours", "pyspark"], default="ours")
    parser.add_argument("--runs", type=int, default=200)
    given = parser.parse_args()
    if given.impl == "ours":
        from pyspark_compat import SparkContext
    else:
        from pyspark import SparkContext
    sc = SparkContext("local[2]", "jobs")
    one, many = sc.parallelize([1], 1), sc.parallelize(range(100), 100)
    pairs = sc.parallelize(range(100_000), 2).map(lambda x: (x % 1000, x))
    figures = {
        "job_ms": timed(one.collect, given.runs),
        "task_ms": timed(many.collect, given.runs // 10) / 100,
        "batch_ms": timed(lambda: sc.parallelize(range(1000), 2).map(lambda x: (x % 10, 1)).reduceByKey(lambda a, b: a + b, 2).collect(), given.runs),
        "shuffle_ms": timed(lambda: pairs.reduceByKey(lambda a, b: a + b, 2).collect(), given.runs // 10),
    }
    sc.stop()
    print(json.dumps({key: round(value, 3) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
