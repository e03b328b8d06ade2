"""Callbacks on the real engine: what a foreachBatch and a listener may do, and how a process with queries ends."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from pyspark_compat.errors import StreamingQueryException
from pyspark_compat.sql import SparkSession
from pyspark_compat.sql import functions as F
from pyspark_compat.sql.streaming import StreamingQueryListener


@pytest.fixture
def spark():
    session = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def stream(spark, tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(3):
        (tmp_path / "in" / f"{i}.json").write_text(f'{{"v":{i}}}\n')
    return spark.readStream.schema("v int").option("maxFilesPerTrigger", 1).json(str(tmp_path / "in"))


class Heard(StreamingQueryListener):
    def __init__(self):
        self.events = []

    def onQueryStarted(self, event):
        self.events.append("started")

    def onQueryProgress(self, event):
        self.events.append("progress")

    def onQueryTerminated(self, event):
        self.events.append("terminated")


def test_a_callback_may_do_anything(spark, stream):
    """With one core: it runs a Python function, starts and stops another query while a listener listens, and stops its own."""
    heard, seen, made = Heard(), [], []
    spark.streams.addListener(heard)
    twice = F.udf(lambda v: 2 * v, "int")

    def take(batch, number):
        rows = [r[0] for r in batch.select(twice("v")).collect()]
        other = stream.writeStream.format("noop").trigger(availableNow=True).start()
        other.awaitTermination(30)
        seen.append([number, rows, other.isActive])
        if number == 1:
            made[0].stop()

    ready = threading.Event()
    q = stream.writeStream.foreachBatch(lambda b, i: (ready.wait(30), take(b, i))).start()
    made.append(q)
    ready.set()
    assert q.awaitTermination(60)
    assert seen == [[0, [0], False], [1, [2], False]] and q.exception() is None
    spark.streams.removeListener(heard)
    assert heard.events.count("started") == 3


def test_a_callback_stops_the_session(spark, stream):
    done = threading.Event()

    def take(batch, number):
        spark.stop()
        done.set()

    q = stream.writeStream.foreachBatch(take).start()
    assert q.awaitTermination(30) and done.wait(30) and not q.isActive


def test_eight_queries_with_sleeping_callbacks(spark, stream):
    """None waits for another: all eight callbacks are inside at the same time."""
    inside = threading.Barrier(8, timeout=60)
    queries = [stream.writeStream.foreachBatch(lambda b, i: inside.wait() if i == 0 else None).trigger(availableNow=True).start()
               for _ in range(8)]
    assert all(q.awaitTermination(90) for q in queries)


@pytest.mark.parametrize("raises,shown", [
    (lambda: sys.exit(3), "SystemExit: 3"), (lambda: signal.raise_signal(signal.SIGUSR1) or 1 / 0, "ZeroDivisionError"),
    (lambda: (_ for _ in ()).throw(KeyboardInterrupt("mine")), "KeyboardInterrupt: mine"),
])
def test_what_a_callback_raises_ends_the_query(stream, raises, shown):
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    q = stream.writeStream.foreachBatch(lambda b, i: raises()).start()
    with pytest.raises(StreamingQueryException) as caught:
        q.awaitTermination(60)
    text = str(caught.value)
    assert shown in text and "test_callbacks.py" in text and "_lanes.py" not in text
    assert caught.value.getCondition() == "STREAM_FAILED"


SCRIPT = """
    from pyspark_compat.sql import SparkSession
    spark = SparkSession.builder.master("local[2]").getOrCreate()
    stream = spark.readStream.format("rate").option("rowsPerSecond", 100).load()
    q = stream.writeStream.foreachBatch(lambda b, i: print("batch", b.count() >= 0, flush=True)).start()
    c = stream.writeStream.format("console").trigger(processingTime="50 milliseconds").start()
"""


def script(tmp_path, rest):
    path = tmp_path / "job.py"
    path.write_text(textwrap.dedent(SCRIPT) + textwrap.dedent(rest))
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def test_a_script_that_just_ends(tmp_path):
    child = script(tmp_path, "while q.lastProgress is None:\n    q.awaitTermination(0.05)\n")
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0 and "batch True" in out and not err, err


@pytest.mark.parametrize("waiting", ["q.awaitTermination()", "spark.streams.awaitAnyTermination()", "spark.range(1 << 60).count()"])
def test_ctrl_c_ends_a_wait(tmp_path, waiting):
    child = script(tmp_path, f"print('ready', flush=True)\n{waiting}\n")
    while "ready" not in child.stdout.readline():
        pass
    start = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert "KeyboardInterrupt" in err and child.returncode != 0 and time.monotonic() - start < 10
