"""However a driver ends, nothing of it stays: no worker, no thread, no folder. And Ctrl-C stops what waits."""

import signal
import time

import pytest
from processes import descendants, survivors, workers

BUSY = """
    spark = session(2)
    marks = sys.argv[1]
    @F.udf("long")
    def forever(v):
        open(f"{marks}/busy-{os.getpid()}", "w").close()
        while True:
            pass
    def work():
        spark.range(0, 100, 1, 2).select(forever("id")).collect()
    threading.Thread(target=work, daemon=True).start()
    while len([n for n in os.listdir(marks) if n.startswith("busy-")]) < 2:
        threading.Event().wait(0.01)
    say("busy")
    sys.stdin.readline()
"""


@pytest.fixture
def busy(script, tmp_path):
    """A driver whose two workers are inside user code that never ends."""
    def start(body="pass"):
        marks = tmp_path / "marks"
        marks.mkdir()
        driver = script(BUSY + "    " + body + "\n", marks)
        driver.expect("busy")
        family = descendants(driver.pid)
        assert len(workers(driver.pid)) == 2 and len(family) >= 3, family
        return driver, family
    return start


def test_sigkill_of_the_driver_ends_workers_inside_user_code(busy):
    driver, family = busy()
    began = time.monotonic()
    driver.signal(signal.SIGKILL)
    assert survivors(family, 1) == []
    print(f"\nall gone {time.monotonic() - began:.3f} s after SIGKILL")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_workers_too(busy, number):
    driver, family = busy()
    driver.signal(number)
    driver.end(10)
    assert survivors(family, 1) == []


@pytest.mark.parametrize("ending, status", [
    ("pass", 0), ("sys.exit(3)", 3), ("raise RuntimeError('boom')", 1), ("os._exit(4)", 4), ("spark.stop()", 0)])
def test_an_exit_leaves_no_process(busy, ending, status):
    driver, family = busy(ending)
    driver.go()
    assert driver.end(10) == status
    assert survivors(family, 1) == []


@pytest.mark.parametrize("ending", ["pass", "sys.exit(3)", "raise RuntimeError('boom')", "spark.stop()"])
def test_an_exit_leaves_no_folder(script, tmp_path, ending):
    """Also while queries run: their temporary checkpoints and the workers' socket go."""
    driver = script(f"""
        spark = session(1)
        plus = F.udf(lambda v: v + 1, "long")
        rows = spark.readStream.format("rate").option("rowsPerSecond", 100).load().select(plus("value").alias("v"))
        got = threading.Event()
        memory = rows.writeStream.format("memory").queryName("t").start()
        each = rows.writeStream.foreachBatch(lambda frame, epoch: frame.count() and got.set()).start()
        assert got.wait(30)
        {ending}
    """)
    driver.end(20)
    assert list(driver.temporary.iterdir()) == [], driver.stderr()


def test_stop_ends_every_thread_and_process_of_the_session(script):
    driver = script("""
        def others():
            return [t for t in threading.enumerate() if t is not threading.main_thread()]
        from pyspark_compat.sql.streaming import StreamingQueryListener
        class Ear(StreamingQueryListener):
            def onQueryStarted(self, event): pass
            def onQueryProgress(self, event): pass
            def onQueryTerminated(self, event): pass
        for _ in range(3):
            spark = session(1)
            spark.streams.addListener(Ear())
            plus = F.udf(lambda v: v + 1, "long")
            got = threading.Event()
            rows = spark.readStream.format("rate").option("rowsPerSecond", 100).load().select(plus("value").alias("v"))
            query = rows.writeStream.foreachBatch(lambda frame, epoch: frame.count() and got.set()).start()
            assert got.wait(30)
            threads = others()
            assert len(threads) == 2, threads
            spark.stop()
            for thread in threads:
                thread.join(10)
            assert others() == [], others()
        say("stopped")
        sys.stdin.readline()
    """)
    driver.expect("stopped")
    assert descendants(driver.pid) == []


WAITS = {
    "awaitTermination": """
        query = spark.readStream.format("rate").load().writeStream.format("noop").start()
        wait = query.awaitTermination
    """,
    "awaitTermination with a timeout": """
        query = spark.readStream.format("rate").load().writeStream.format("noop").start()
        wait = lambda: query.awaitTermination(1000)
    """,
    "awaitAnyTermination": """
        query = spark.readStream.format("rate").load().writeStream.format("noop").start()
        wait = spark.streams.awaitAnyTermination
    """,
    "processAllAvailable": """
        query = spark.readStream.format("rate").load().writeStream.foreachBatch(lambda frame, epoch: threading.Event().wait()).start()
        wait = query.processAllAvailable
    """,
    "collect": """
        endless = F.udf(lambda v: time.sleep(1000), "long")
        wait = spark.range(10).select(endless("id")).collect
    """,
    "show": """
        endless = F.udf(lambda v: time.sleep(1000), "long")
        wait = spark.range(10).select(endless("id")).show
    """,
    "write": """
        endless = F.udf(lambda v: time.sleep(1000), "long")
        wait = lambda: spark.range(10).select(endless("id").alias("v")).write.parquet(sys.argv[1])
    """,
    "toPandas": """
        endless = F.udf(lambda v: time.sleep(1000), "long")
        wait = spark.range(10).select(endless("id")).toPandas
    """,
}


@pytest.mark.parametrize("call", WAITS)
def test_ctrl_c_stops_what_waits(script, tmp_path, call):
    driver = script("""
        spark = session(1)
        spark.range(1).select(F.udf(lambda v: v, "long")("id")).collect()
""" + WAITS[call] + """
        def interrupted(number, frame):
            raise KeyboardInterrupt
        import signal
        signal.signal(signal.SIGINT, interrupted)
        threading.Timer(0.3, lambda: say("waiting")).start()
        try:
            wait()
        except KeyboardInterrupt:
            say("interrupted")
        say(spark.range(7).count())
    """, tmp_path / "out")
    driver.expect("waiting")
    family = descendants(driver.pid)
    began = time.monotonic()
    driver.signal(signal.SIGINT)
    driver.expect("interrupted")
    took = time.monotonic() - began
    print(f"\n{call}: interrupted after {took:.3f} s")
    assert took < 0.5
    driver.expect("7")
    assert driver.end(10) == 0
    assert survivors(family, 1) == []


def test_ctrl_c_in_the_terminal_ends_the_script_as_python_does(script):
    driver = script("""
        spark = session(1)
        query = spark.readStream.format("rate").load().writeStream.format("noop").start()
        say("waiting")
        query.awaitTermination()
    """)
    driver.expect("waiting")
    driver.signal(signal.SIGINT)
    assert driver.end(5) == -signal.SIGINT
    assert "KeyboardInterrupt" in driver.stderr()


def test_queries_that_came_and_went_leave_nothing_in_the_process(script, tmp_path):
    """No thread, open file, frame, worker or folder more after fifty queries than after ten."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text("".join(f'{{"k": {i % 3}, "v": {i}}}\n' for i in range(30)))
    lines = script("""
        import gc
        spark = session(2, spark_sql_shuffle_partitions=4)
        plus = F.udf(lambda v: v + 1, "long")
        seen = []
        def once(n):
            rows = spark.readStream.schema("k LONG, v LONG").json(sys.argv[1])
            counts = rows.select("k", plus("v").alias("v")).groupBy("k").agg(F.sum("v").alias("v"))
            a = counts.writeStream.outputMode("complete").foreachBatch(lambda frame, epoch: seen.append(frame.count())).start()
            b = rows.writeStream.format("parquet").option("checkpointLocation", f"{sys.argv[2]}/c{n}").start(f"{sys.argv[2]}/o{n}")
            a.processAllAvailable()
            b.processAllAvailable()
            a.stop()
            b.stop()
        def measure():
            gc.collect()
            spark._engine.flush()
            return {"files": len(os.listdir("/proc/self/fd")), "threads": threading.active_count(),
                    "frames": spark._engine.query("frames")["frames"], "folders": len(os.listdir(os.environ["TMPDIR"]))}
        for n in range(10):
            once(n)
        before = measure()
        for n in range(10, 50):
            once(n)
        after = measure()
        assert seen == [3] * 50, seen
        assert all(after[what] <= before[what] + (4 if what == "files" else 0) for what in before), (before, after)
        say(before, after)
    """, tmp_path / "in", tmp_path / "out").ok(120)
    print("\n" + lines[0])


@pytest.mark.parametrize("inside", ["threading.Event().wait()", "while True: pass", "frame.select(forever('value')).collect()"])
def test_an_exit_does_not_wait_for_a_callback(script, inside):
    driver = script(f"""
        spark = session(1)
        got = threading.Event()
        @F.udf("long")
        def forever(v):
            while True:
                pass
        def batch(frame, epoch):
            if frame.count():
                got.set()
                {inside}
        query = spark.readStream.format("rate").option("rowsPerSecond", 100).load().writeStream.foreachBatch(batch).start()
        assert got.wait(30)
        say("leaving")
    """)
    driver.expect("leaving")
    began = time.monotonic()
    assert driver.end(20) == 0, driver.stderr()
    took = time.monotonic() - began
    print(f"\nleft after {took:.3f} s")
    assert took < 5 and list(driver.temporary.iterdir()) == [], driver.stderr()


def test_a_stop_in_the_middle_of_starts_leaves_no_folder(script):
    """Queries that are being made when the session stops, and such as are refused, take their temporary checkpoints with them."""
    running = script("""
        import tempfile
        def starts(spark, ready):
            try:
                frame = spark.readStream.format("rate").load()
                ready.wait()
                while True:
                    frame.writeStream.format("noop").start()
            except Exception:
                pass  # the session has stopped
        for _ in range(12):
            spark, ready = session(2), threading.Barrier(4)
            threads = [threading.Thread(target=starts, args=(spark, ready)) for _ in range(3)]
            [t.start() for t in threads]
            ready.wait()
            while not spark.streams.active:
                pass
            spark.stop()
            [t.join() for t in threads]
        say(len([name for name in os.listdir(tempfile.gettempdir()) if name.startswith("temporary-")]))
    """)
    assert running.ok(120) == ["0"]
