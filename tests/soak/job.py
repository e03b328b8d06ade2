"""The queries that kill.py kills: stateful, from files.

    python job.py QUERY PROVIDER IN OUT CHECKPOINT STARTED [STATE]

Writes the file STARTED when the query has begun, and ends when everything in IN is processed; then, where STATE is named, it
writes what the state holds there. Two write files with the file sink, the others give their rows to foreachBatch, whose
epoch ids, given again after a kill, must come with the same rows.
"""

import json
import os
import sys
from pathlib import Path

import pandas as pd

from pyspark_compat.sql import SparkSession, functions as F

PROVIDERS = {"memory": "HDFSBackedStateStoreProvider", "disk": "RocksDBStateStoreProvider"}


@F.udf("long")
def twice(value):
    return value * 2


def windows(rows):
    return (rows.withColumn("w", twice("v")).groupBy(F.window("ts", "2 seconds"), "k").agg(F.count("*").alias("n"), F.sum("w").alias("w"))
            .select(F.col("window.start").alias("start"), "k", "n", "w"))


def distinct(rows):
    return rows.dropDuplicatesWithinWatermark(["k", "v"])


def joined(rows):
    left = rows.where("v % 7 = 0").select(F.col("k").alias("lk"), F.col("ts").alias("lts"), F.col("v").alias("lv"))
    right = rows.where("v % 5 = 0").select(F.col("k").alias("rk"), F.col("ts").alias("rts"), F.col("v").alias("rv"))
    return left.join(right, F.expr("lk = rk AND rts >= lts AND rts <= lts + INTERVAL 1 SECOND"), "left")


def sessions(rows):
    return (rows.where("v < 120").groupBy(F.session_window("ts", "1 second"), "k").agg(F.count("*").alias("n"), F.max("v").alias("v"))
            .select(F.col("session_window.start").alias("start"), F.col("session_window.end").alias("end"), "k", "n", "v"))


def add(key, frames, state):
    n, v = state.get if state.exists else (0, 0)
    if state.hasTimedOut:
        state.remove()
        yield pd.DataFrame({"k": [key[0]], "n": [-n], "v": [v]})
        return
    for frame in frames:
        n, v = n + len(frame), v + int(frame["v"].sum())
    state.update((n, v))
    state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + 1500)
    yield pd.DataFrame({"k": [key[0]], "n": [n], "v": [v]})


def groups(rows):
    return (rows.where("v % 40 = 0").groupBy("k").applyInPandasWithState(
        add, "k string, n long, v long", "n long, v long", "update", "EventTimeTimeout"))


QUERIES = {"windows": (windows, "append", True), "distinct": (distinct, "append", True), "joined": (joined, "append", False),
           "sessions": (sessions, "append", False), "groups": (groups, "update", False)}


class Batches:
    """A foreachBatch function: a file an epoch, made by rename; one that is there already must hold the same."""

    def __init__(self, out):
        self.out = Path(out)
        self.out.mkdir(exist_ok=True)

    def __call__(self, frame, epoch):
        text = "\n".join(sorted(json.dumps(list(row), default=str) for row in frame.collect()))
        final = self.out / f"{epoch}.rows"
        if final.exists() and final.read_text() != text:
            (self.out / f"{epoch}.differs").write_text(text)
        part = self.out / f".{epoch}"
        part.write_text(text)
        part.rename(final)


def dump(spark, checkpoint, path):
    """What the state holds, in order; a join's sides without the numbers of their rows."""
    lines = []
    for store in spark.read.format("state-metadata").load(checkpoint).collect():
        name, reader = store.stateStoreName, spark.read.format("statestore").option("operatorId", store.operatorId)
        if name.endswith("keyToNumValues"):
            continue
        side, _, kind = name.partition("-")
        reader = reader.option("joinSide", side) if kind else reader.option("storeName", name)
        lines += [json.dumps([store.operatorId, name, *map(str, row)]) for row in reader.load(checkpoint).collect()]
    Path(path).write_text("\n".join(sorted(lines)))


def main(name, provider, source, out, checkpoint, started, state=None):
    spark = (SparkSession.builder.master("local[2]").appName("soak").config("spark.sql.shuffle.partitions", "3")
             .config("spark.sql.streaming.stateStore.providerClass", "org.apache.spark.sql.execution.streaming.state." + PROVIDERS[provider])
             .config("spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB", "1").config("spark.sql.session.timeZone", "UTC").getOrCreate())
    rows = (spark.readStream.schema("k STRING, v LONG, ts TIMESTAMP").option("maxFilesPerTrigger", 1).json(source)
            .withWatermark("ts", "1 second"))
    make, mode, files = QUERIES[name]
    writer = make(rows).writeStream.outputMode(mode).option("checkpointLocation", checkpoint).trigger(availableNow=True)
    query = writer.format("parquet").start(out) if files else writer.foreachBatch(Batches(out)).start()
    Path(started).touch()
    query.awaitTermination()
    if state:
        dump(spark, checkpoint, state)
    spark.stop()


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    main(*sys.argv[1:])
