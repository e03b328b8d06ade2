"""Killed at any moment and started again, a query goes on where it was: no row lost, none twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from processes import descendants, survivors

SOAK = Path(__file__).resolve().parent.parent / "soak" / "kill.py"


def test_a_stateful_file_to_file_query_outlives_sigkill():
    """`make soak` in short: windows, a Python function, parquet files; the output equals the undisturbed run's."""
    done = subprocess.run([sys.executable, str(SOAK), "--kills", "6", "--seed", "20240101"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    print("\n" + done.stdout.strip().splitlines()[-1])
    assert "6 kills" in done.stdout and "every state equal the undisturbed ones" in done.stdout


def test_an_epoch_killed_in_its_callback_comes_again_as_it_was(script, tmp_path):
    """foreachBatch sees the same epoch number with the same rows, though more files have come meanwhile."""
    (tmp_path / "in").mkdir()
    for n in range(4):
        (tmp_path / "in" / f"{n}.json").write_text(f'{{"v": {n}}}\n')
    body = """
        import signal
        spark = session(2, spark_sql_shuffle_partitions=3)
        source, checkpoint, record, deadly = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
        def batch(frame, epoch):
            rows = sorted(map(list, frame.collect()))
            with open(record, "a") as f:
                f.write(json.dumps([epoch, rows]) + "\\n")
            if epoch == deadly:
                os.kill(os.getpid(), signal.SIGKILL)
        rows = spark.readStream.schema("v LONG").option("maxFilesPerTrigger", 2).json(source)
        counts = rows.groupBy((F.col("v") % 2).alias("k")).agg(F.count("*").alias("n"), F.sum("v").alias("v"))
        query = counts.writeStream.outputMode("update").option("checkpointLocation", checkpoint).foreachBatch(batch) \\
            .trigger(availableNow=True).start()
        query.awaitTermination()
        say("done")
    """
    record = tmp_path / "record"
    arguments = (tmp_path / "in", tmp_path / "checkpoint", record)
    for deadly in (0, 1):
        killed = script(body, *arguments, deadly)
        assert killed.end(60) == -signal.SIGKILL, killed.stderr()
        (tmp_path / "in" / f"later{deadly}.json").write_text('{"v": 10}\n')
    assert script(body, *arguments, -1).ok() == ["done"]
    first, second, third = [[0, 1, 0], [1, 1, 1]], [[0, 2, 2], [1, 2, 4]], [[0, 4, 22]]
    assert [json.loads(line) for line in record.read_text().splitlines()] == [[0, first], [0, first], [1, second], [1, second], [2, third]]


def test_a_killed_batch_write_shows_no_part_of_it(script, tmp_path):
    out = tmp_path / "out"
    driver = script("""
        spark = session(2)
        gate = sys.argv[2]
        @F.udf("long")
        def stuck(v):
            if v == 150_000:
                open(gate, "w").close()
                while True:
                    pass
            return v
        threading.Thread(target=lambda: spark.range(200_000).select(stuck("id").alias("v")).write.parquet(sys.argv[1]), daemon=True).start()
        while not os.path.exists(gate):
            threading.Event().wait(0.005)
        say("inside")
        threading.Event().wait()
    """, out, tmp_path / "gate")
    driver.expect("inside")
    family = descendants(driver.pid)
    driver.signal(signal.SIGKILL)
    driver.end(5)
    assert survivors(family, 1) == []
    shown = [name for name in os.listdir(out) if not name.startswith(("_", "."))] if out.exists() else []
    assert shown == [] and not (out / "_SUCCESS").exists()
    again = script("""
        spark = session(2)
        spark.range(10).write.mode("overwrite").parquet(sys.argv[1])
        say(spark.read.parquet(sys.argv[1]).count())
    """, out, name="again.py")
    assert again.ok() == ["10"]
    assert sorted(p.name for p in out.iterdir() if not p.name.startswith("part-") and not p.name.startswith(".part-")) in (
        ["_SUCCESS"], ["._SUCCESS.crc", "_SUCCESS"])


def test_a_stream_that_is_killed_leaves_no_half_file_in_the_table(script, tmp_path):
    """What other programs see of the output, by its log, is whole at every moment."""
    (tmp_path / "in").mkdir()
    for n in range(6):
        (tmp_path / "in" / f"{n}.json").write_text("".join(f'{{"v": {n * 100 + i}}}\n' for i in range(100)))
    body = """
        import signal
        spark = session(2)
        mark = sys.argv[4]
        @F.udf("long")
        def deadly(v):
            if v == 350 and not os.path.exists(mark):
                open(mark, "w").close()
                while True:
                    pass
            return v
        rows = spark.readStream.schema("v LONG").option("maxFilesPerTrigger", 1).json(sys.argv[1])
        query = rows.select(deadly("v").alias("v")).writeStream.format("parquet").option("checkpointLocation", sys.argv[2]) \\
            .trigger(availableNow=True).start(sys.argv[3])
        while query.isActive and not os.path.exists(mark):
            threading.Event().wait(0.005)
        say("stuck" if query.isActive else "done")
        query.awaitTermination()
        say(json.dumps(sorted(r[0] for r in spark.read.parquet(sys.argv[3]).collect())))
    """
    names = [tmp_path / name for name in ("in", "checkpoint", "out", "mark")]
    driver = script(body, *names)
    driver.expect("stuck")
    driver.signal(signal.SIGKILL)
    driver.end(5)
    reader = script("say(json.dumps(sorted(r[0] for r in session(1).read.parquet(sys.argv[1]).collect())))\n", names[2], name="reader.py")
    assert reader.ok() == [json.dumps(list(range(300)))]
    again = script(body, *names)
    again.line()
    assert again.ok() == [json.dumps(list(range(600)))]


def test_a_query_goes_on_with_other_cores_and_settings(script, tmp_path):
    """State by pinned partitions moves between instances; the number of partitions stays that of the first run."""
    (tmp_path / "in").mkdir()
    want = {}
    body = """
        cores, partitions = int(sys.argv[3]), int(sys.argv[4])
        spark = session(cores, spark_sql_shuffle_partitions=partitions)
        plus = F.udf(lambda v: v + 1, "long")
        rows = spark.readStream.schema("k STRING, v LONG, ts TIMESTAMP").json(sys.argv[1]).withWatermark("ts", "1 hour")
        counts = rows.withColumn("w", plus("v")).groupBy(F.window("ts", "10 seconds", "5 seconds"), "k") \\
            .agg(F.count("*").alias("n"), F.sum("w").alias("w"), F.max("v").alias("m"), F.collect_list("v").alias("l"))
        last = []
        query = counts.writeStream.outputMode("complete").option("checkpointLocation", sys.argv[2]) \\
            .foreachBatch(lambda frame, epoch: last.append(frame.collect())).trigger(availableNow=True).start()
        query.awaitTermination()
        say(json.dumps(sorted([r.window.start.timestamp(), r.k, r.n, r.w, r.m, sorted(r.l)] for r in last[-1])))
        say(query.lastProgress["stateOperators"][0]["numShufflePartitions"])
    """
    for step, (cores, partitions) in enumerate([(1, 5), (4, 200), (2, 1), (3, 7)]):
        with open(tmp_path / "in" / f"{step}.json", "w") as file:
            for i in range(200):
                v, second = step * 200 + i, (step * 7 + i) % 60
                key = f"k{v % 11}"
                file.write(json.dumps({"k": key, "v": v, "ts": f"2024-01-01T00:00:{second:02}Z"}) + "\n")
                for start in (second // 5 * 5, second // 5 * 5 - 5):
                    want.setdefault((1704067200 + start, key), []).append(v)
        lines = script(body, tmp_path / "in", tmp_path / "checkpoint", cores, partitions, name=f"run{step}.py").ok()
        expected = sorted([start, key, len(v), sum(v) + len(v), max(v), sorted(v)] for (start, key), v in want.items())
        assert json.loads(lines[0]) == expected
        assert lines[1] == "5"


def test_a_second_process_on_a_checkpoint_ends_the_first_by_name(script, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.json").write_text('{"v": 0}\n')
    body = """
        spark = session(1)
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        query = rows.writeStream.format("parquet").option("checkpointLocation", sys.argv[2]).start(sys.argv[3])
        query.processAllAvailable()
        say("at rest")
        sys.stdin.readline()
        from pyspark_compat.errors import StreamingQueryException
        try:
            query.processAllAvailable()
            say("processed")
        except StreamingQueryException as e:
            say("CONCURRENT_STREAM_LOG_UPDATE" in str(e) or str(e))
    """
    names = [tmp_path / name for name in ("in", "checkpoint", "out")]
    first = script(body, *names, name="first.py")
    first.expect("at rest")
    second = script(body, *names, name="second.py")
    second.expect("at rest")
    (tmp_path / "in" / "1.json").write_text('{"v": 1}\n')
    second.go()
    first.go()
    assert sorted([first.line(), second.line()]) == ["True", "processed"]
    reader = script("say(json.dumps(sorted(r[0] for r in session(1).read.parquet(sys.argv[1]).collect())))\n", names[2], name="reader.py")
    assert reader.ok() == ["[0, 1]"]


def test_a_second_start_in_one_process_stops_the_first(script, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "0.json").write_text('{"v": 0}\n')
    assert script("""
        spark = session(1)
        def start():
            rows = spark.readStream.schema("v LONG").json(sys.argv[1])
            return rows.writeStream.format("parquet").option("checkpointLocation", sys.argv[2]).start(sys.argv[3])
        first = start()
        first.processAllAvailable()
        second = start()
        assert not first.isActive and first.exception() is None and second.isActive
        assert first.id == second.id and first.runId != second.runId
        with open(sys.argv[1] + "/1.json", "w") as f:
            f.write('{"v": 1}\\n')
        second.processAllAvailable()
        second.stop()
        say(sorted(r[0] for r in spark.read.parquet(sys.argv[3]).collect()))
    """, tmp_path / "in", tmp_path / "checkpoint", tmp_path / "out").ok() == ["[0, 1]"]
