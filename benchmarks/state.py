#!/usr/bin/env python3
"""State beyond what is touched: a steady aggregation over many keys, and its restart.

    python state.py [--impl pyspark_compat|pyspark] [--keys 10000000] [--rows 100000] [--batches 100] [--provider disk|memory] [--megabytes 256]

Fills the state (a row a key), then runs so many batches of rows whose keys are spread over all of it, and prints how many
rows a second went through in the first and the last tenth of them, memory (of the process tree, shared pages counted once),
and how long a restart takes to its first batch.
"""
import argparse
import importlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "workloads"))
from run import PeakMemory, tree_memory_mb  # noqa: E402

ROCKS = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"


def run(spark, F, checkpoint, options, last):
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
    parser.add_argument("--impl", default="pyspark_compat")
    parser.add_argument("--keys", type=int, default=10_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--provider", choices=["disk", "memory"], default="disk")
    parser.add_argument("--megabytes", type=int, default=256)
    options = parser.parse_args()
    peak = PeakMemory()
    peak.start()
    sql = importlib.import_module(f"{options.impl}.sql")
    F = importlib.import_module(f"{options.impl}.sql.functions")
    builder = (sql.SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", 2).config("spark.ui.enabled", "false")
               .config("spark.sql.streaming.numRecentProgressUpdates", 100_000)
               .config("spark.sql.streaming.stateStore.rocksdb.boundedMemoryUsage", "true")
               .config("spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB", options.megabytes))
    if options.provider == "disk":
        builder = builder.config("spark.sql.streaming.stateStore.providerClass", ROCKS)
    spark = builder.getOrCreate()
    checkpoint = tempfile.mkdtemp(prefix="state-")
    fill = options.keys // options.rows
    began = time.perf_counter()
    filled = run(spark, F, checkpoint, options, fill - 1)
    steady = run(spark, F, checkpoint, options, fill + options.batches - 1)
    took = time.perf_counter() - began
    steady = [p for p in steady if p["batchId"] >= fill]
    tenth = max(len(steady) // 10, 1)
    again = time.perf_counter()
    run(spark, F, checkpoint, options, steady[-1]["batchId"] + 1)
    print(json.dumps({
        "impl": options.impl, "provider": options.provider, "keys": steady[-1]["stateOperators"][0]["numRowsTotal"], "batches": len(steady), "rows_a_batch": options.rows,
        "fill_rows_s": rate(filled), "first_tenth_rows_s": rate(steady[:tenth]), "last_tenth_rows_s": rate(steady[-tenth:]),
        "median_batch_ms": statistics.median(p["durationMs"]["triggerExecution"] for p in steady),
        "slowest_batch_ms": max(p["durationMs"]["triggerExecution"] for p in steady),
        "state_mb": steady[-1]["stateOperators"][0]["memoryUsedBytes"] >> 20, "end_mb": round(tree_memory_mb(os.getpid())), "peak_mb": round(peak.peak),
        "restart_to_batch_s": round(time.perf_counter() - again, 2), "total_s": round(took, 1)}), flush=True)
    spark.stop()
    shutil.rmtree(checkpoint)


if __name__ == "__main__":
    main()
