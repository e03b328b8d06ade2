#!/usr/bin/env python3
"""State beyond what is touched: a steady aggregation over many keys, and its restart.

    python state.py [--keys 10000000] [--rows 100000] [--batches 100] [--provider disk|memory] [--megabytes 256]

Fills the state (a row a key), then runs so many batches of rows whose keys are spread over all of it, and prints how many
rows a second went through in the first and the last tenth of them, memory, and how long a restart takes to its first batch.
"""
import argparse
import json
import shutil
import statistics
import tempfile
import time

from pyspark_compat.sql import SparkSession, functions as F

ROCKS = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


def resident(field="VmRSS"):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith(field))


def run(spark, checkpoint, options, last):
    """Runs the query until it has done the batch, and gives its progresses."""
    rows = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", options.rows).option("numPartitions", 2).load()
    spread = (F.col("value") * F.lit(7919)) % F.lit(options.keys)
    counts = rows.groupBy(spread.alias("k")).agg(F.count("*").alias("n"), F.sum("value").alias("s"))
    query = counts.writeStream.format("noop").outputMode("update").option("checkpointLocation", checkpoint).start()
    while query.isActive and (query.lastProgress is None or query.lastProgress["batchId"] < last):
        time.sleep(0.02)
    query.stop()
    if query.exception():
        raise query.exception()
    return query.recentProgress


def rate(progresses):
    return round(statistics.mean(p["numInputRows"] / p["durationMs"]["triggerExecution"] * 1000 for p in progresses if p["durationMs"]["triggerExecution"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=10_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--provider", choices=["disk", "memory"], default="disk")
    parser.add_argument("--megabytes", type=int, default=256)
    options = parser.parse_args()
    builder = (SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", 2)
               .config("spark.sql.streaming.numRecentProgressUpdates", 100_000)
               .config("spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB", options.megabytes))
    if options.provider == "disk":
        builder = builder.config("spark.sql.streaming.stateStore.providerClass", ROCKS)
    spark = builder.getOrCreate()
    checkpoint = tempfile.mkdtemp(prefix="state-")
    fill = options.keys // options.rows
    began = time.perf_counter()
    filled = run(spark, checkpoint, options, fill - 1)
    steady = run(spark, checkpoint, options, fill + options.batches - 1)
    took = time.perf_counter() - began
    steady = [p for p in steady if p["batchId"] >= fill]
    tenth = max(len(steady) // 10, 1)
    again = time.perf_counter()
    run(spark, checkpoint, options, steady[-1]["batchId"] + 1)
    print(json.dumps({
        "provider": options.provider, "keys": steady[-1]["stateOperators"][0]["numRowsTotal"], "batches": len(steady), "rows_a_batch": options.rows,
        "fill_rows_s": rate(filled), "first_tenth_rows_s": rate(steady[:tenth]), "last_tenth_rows_s": rate(steady[-tenth:]),
        "median_batch_ms": statistics.median(p["durationMs"]["triggerExecution"] for p in steady),
        "slowest_batch_ms": max(p["durationMs"]["triggerExecution"] for p in steady),
        "state_mb": steady[-1]["stateOperators"][0]["memoryUsedBytes"] >> 20, "rss_mb": resident(), "peak_mb": resident("VmHWM"),
        "restart_to_batch_s": round(time.perf_counter() - again, 2), "total_s": round(took, 1)}), flush=True)
    spark.stop()
    shutil.rmtree(checkpoint)


if __name__ == "__main__":
    main()
