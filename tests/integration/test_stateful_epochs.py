"""Epochs of stateful operators that something ends in the middle, and very many of them."""

import json

import pytest

STATEFUL = """
import pandas as pd

def summed(key, frames, state):
    n, total = state.get if state.exists else (0, 0)
    for frame in frames:
        n, total = n + len(frame), total + int(frame["v"].sum())
        TOUCH(frame)
    state.update((n, total))
    yield pd.DataFrame({"k": [key[0]], "n": [n], "total": [total]})

def TOUCH(frame):
    pass

def with_state(rows, function=None):
    return rows.groupBy("k").applyInPandasWithState(function or summed, "k long, n long, total long", "n long, total long", "update", "NoTimeout")
"""


def folder(at, count, rows, keys=7):
    at.mkdir()
    for n in range(count):
        (at / f"{n:03}.json").write_text("".join(
            json.dumps({"k": i % keys, "v": n * rows + i, "ts": f"2024-01-01T00:{n % 60:02}:{i % 60:02}Z"}) + "\n" for i in range(rows)))
    return at


def test_a_worker_killed_in_an_epoch_with_state_applies_nothing_twice(script, tmp_path):
    """In each epoch a worker kills itself once, in the middle of its groups: some have answered, some have not."""
    assert script(STATEFUL + """
import signal
spark = session(2, spark_sql_shuffle_partitions=4)
marks = sys.argv[2]
os.mkdir(marks)
def TOUCH(frame):
    if int(frame["k"].iloc[0]) == 3:
        try:
            os.mkdir(f"{marks}/{frame['v'].iloc[0] // 700}")
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)
rows = spark.readStream.schema("k LONG, v LONG").option("maxFilesPerTrigger", 1).json(sys.argv[1])
seen = []
query = with_state(rows).writeStream.outputMode("update").option("checkpointLocation", sys.argv[3]) \\
    .foreachBatch(lambda d, i: seen.append(sorted(map(tuple, d.collect())))).trigger(availableNow=True).start()
query.awaitTermination()
want = [[(k, 100 * (e + 1), sum(v for v in range(700 * (e + 1)) if v % 700 % 7 == k)) for k in range(7)] for e in range(5)]
assert seen == want, (seen, want)
assert sorted(os.listdir(marks)) == ["0", "1", "2", "3", "4"], os.listdir(marks)
assert [p.stateOperators[0].numRowsUpdated for p in query.recentProgress] == [7] * 5
say("ok")
""", folder(tmp_path / "in", 5, 700), tmp_path / "marks", tmp_path / "checkpoint").ok(120) == ["ok"]


OPERATORS = {
    "aggregation": """slow.withWatermark("ts", "10 seconds").groupBy("k").agg(F.sum("v").alias("total"), F.count("*").alias("n")).select("k", "n", "total")""",
    "deduplication": """slow.dropDuplicates(["v"])""",
    "within watermark": """slow.withWatermark("ts", "10 hours").dropDuplicatesWithinWatermark(["v"])""",
    "limit": """slow.limit(2500)""",
    "session window": """slow.where("second(ts) < 40").withWatermark("ts", "10 seconds").groupBy("k", F.session_window("ts", "5 seconds")).agg(F.sum("v").alias("total")).select("k", "total")""",
    "join": """slow.select("k", "v").join(rows.selectExpr("k as k2", "v as v2"), F.expr("v = v2"))""",
    "applyInPandasWithState": """with_state(slow)""",
}


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("provider", ["memory", "disk"])
def test_a_stop_in_the_middle_of_an_epoch(script, tmp_path, operator, provider):
    """stop() while rows flow: it comes back, nothing of the epoch shows, and the next run gives what no stop would have."""
    assert script(STATEFUL + f"""
spark = session(2, spark_sql_shuffle_partitions=4)
if {provider == "disk"}:
    spark.conf.set("spark.sql.streaming.stateStore.providerClass", "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider")
gate = sys.argv[2]
@F.udf("long")
def waits(v):
    if v == 1400 and not os.path.exists(gate):
        open(gate + ".inside", "w").close()
        while not os.path.exists(gate):
            threading.Event().wait(0.005)
    return v
rows = spark.readStream.schema("k LONG, v LONG, ts TIMESTAMP").option("maxFilesPerTrigger", 1).json(sys.argv[1])
slow = rows.withColumn("v", waits("v"))
def frame():
    return {OPERATORS[operator]}
def start(checkpoint, seen, **trigger):
    mode = "update" if {operator in ("aggregation", "applyInPandasWithState")} else "append"
    return frame().writeStream.outputMode(mode).option("checkpointLocation", checkpoint).trigger(**trigger) \\
        .foreachBatch(lambda d, i: seen.__setitem__(i, sorted(map(str, d.collect())))).start()
seen = {{}}
query = start(sys.argv[3] + "/stopped", seen, processingTime="0 seconds")
while not os.path.exists(gate + ".inside"):
    threading.Event().wait(0.005)
threading.Timer(0.2, lambda: open(gate, "w").close()).start()
query.stop()
assert query.exception() is None and not query.isActive, query.exception()
assert 2 not in seen and sorted(seen) == [0, 1], sorted(seen)
start(sys.argv[3] + "/stopped", seen, availableNow=True).awaitTermination()
calm = {{}}
start(sys.argv[3] + "/calm", calm, availableNow=True).awaitTermination()
full = {{i: r for i, r in calm.items() if r}}
if {operator == "limit"}:  # which rows a limit takes is not said, only how many
    full, seen = {{i: len(r) for i, r in full.items()}}, {{i: len(r) for i, r in seen.items()}}
assert full == {{i: r for i, r in seen.items() if r}}, (sorted(full), sorted(seen))
assert full, "the operator gave nothing"
say("ok")
""", folder(tmp_path / "in", 5, 700), tmp_path / "gate", tmp_path / "checkpoint").ok(120) == ["ok"]


def test_two_thousand_epochs_of_constant_state_do_not_grow(script, tmp_path):
    """Memory, open files, goroutines' threads and temporary files stay what they were."""
    assert script("""
spark = session(2, spark_sql_shuffle_partitions=2, spark_sql_streaming_minBatchesToRetain=5)
rows = spark.readStream.format("rate-micro-batch").option("rowsPerBatch", 20).option("startTimestamp", 1000).load()
counts = rows.withWatermark("timestamp", "1 second").dropDuplicates(["value", "timestamp"]).groupBy((F.col("value") % 7).alias("k")).count()
query = counts.writeStream.outputMode("update").format("noop").option("checkpointLocation", sys.argv[1]).start()
def measured(epoch):
    while query.isActive and (query.lastProgress is None or query.lastProgress.batchId < epoch):
        threading.Event().wait(0.05)
    assert query.isActive, query.exception()
    with open("/proc/self/status") as f:
        status = dict(line.split(":", 1) for line in f)
    return {"rss": int(status["VmRSS"].split()[0]) // 1024, "files": len(os.listdir("/proc/self/fd")), "threads": int(status["Threads"]),
            "temporary": sum(len(f) for _, _, f in os.walk(os.environ["TMPDIR"])), "kept": sum(len(f) for _, _, f in os.walk(sys.argv[1]))}
before, after = measured(600), measured(2600)
assert query.lastProgress.stateOperators[-1].numRowsTotal <= 50, query.lastProgress
query.stop()
assert after["rss"] <= before["rss"] + 40, (before, after)
for what in ("files", "threads", "temporary"):
    assert after[what] <= before[what] + 8, (what, before, after)
assert after["kept"] <= before["kept"] + 60, (before, after)
say("ok")
""", tmp_path / "checkpoint").ok(180) == ["ok"]
