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
    assert "6 kills" in done.stdout and "every output equals the undisturbed one" in done.stdout


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
