"""DStreams as whole programs: killed and resumed, on one core, on a clock of the test's, ended in odd ways."""

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOAK = ROOT / "tests" / "soak" / "dstream.py"


def run(tmp_path, text, *arguments, seconds=120, name="job.py"):
    file = tmp_path / name
    file.write_text(text)
    command = [sys.executable, "-m", "pyspark_compat", str(file), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=tmp_path)


def test_a_counting_job_outlives_sigkill():
    """`make soak` in short: the counts after random kills equal those of an undisturbed run."""
    done = subprocess.run([sys.executable, str(SOAK), "--kills", "4", "--seed", "6"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kills: every count as undisturbed" in done.stdout


def test_one_core_with_a_receiver_gives_output(tmp_path):
    """PySpark's classic trap: local[1] gives nothing there."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        taken, _ = server.accept()
        taken.sendall(b"a b a\n")
        time.sleep(30)

    threading.Thread(target=serve, daemon=True).start()
    done = run(tmp_path, """
import sys
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
sc = SparkContext("local[1]", "one core")
ssc = StreamingContext(sc, 0.2)
got = []
words = ssc.socketTextStream("127.0.0.1", int(sys.argv[1])).flatMap(lambda l: l.split(" ")).map(lambda w: (w, 1)).reduceByKey(lambda a, b: a + b)
words.foreachRDD(lambda rdd: got.extend(rdd.collect()))
ssc.start()
for _ in range(300):
    if ssc.awaitTerminationOrTimeout(0.1) or got:
        break
ssc.stop()
print(sorted(got))
""", server.getsockname()[1])
    server.close()
    assert done.stdout == "[('a', 2), ('b', 1)]\n", done.stderr


def test_a_program_that_just_ends(tmp_path):
    done = run(tmp_path, """
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
ssc = StreamingContext(SparkContext("local[2]", "ends"), 0.1)
ssc.queueStream([[1], [2]]).pprint()
ssc.start()
ssc.awaitTerminationOrTimeout(4)
""", seconds=30)
    assert done.returncode == 0 and "Time: " in done.stdout, done.stderr


def test_state_without_a_folder_is_refused(tmp_path):
    done = run(tmp_path, """
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
ssc = StreamingContext(SparkContext("local[2]", "no folder"), 1)
pairs = ssc.queueStream([[("a", 1)]])
pairs.updateStateByKey(lambda new, old: 1).pprint()
from py4j.protocol import Py4JJavaError
try:
    ssc.start()
except Py4JJavaError as e:
    print(e)
""")
    assert "StreamingContext.checkpoint(directory)" in done.stdout, done.stderr


@pytest.mark.parametrize("held, said", [("threading.Lock()", "lock"), ("sc", "SparkContext"), ("ssc", "StreamingContext"), ("sc.parallelize([1])", "RDD")])
def test_what_cannot_be_pickled_is_named_at_the_start(tmp_path, held, said):
    (tmp_path / "in").mkdir()
    done = run(tmp_path, f"""
import threading
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
sc = SparkContext("local[2]", "pickle")
ssc = StreamingContext(sc, 1)
ssc.checkpoint("kept")
held = {held}
ssc.textFileStream("in").foreachRDD(lambda rdd: print(held))
try:
    ssc.start()
except Exception as e:
    print(e)
""")
    assert said in done.stdout and "output operation 0" in done.stdout, done.stdout + done.stderr


def test_a_failure_says_where(tmp_path):
    done = run(tmp_path, """
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
ssc = StreamingContext(SparkContext("local[2]", "fails"), 0.2)
numbers = ssc.queueStream([[1], [0]])
numbers.map(lambda x: 1 // x).foreachRDD(lambda rdd: rdd.collect())
ssc.start()
from py4j.protocol import Py4JJavaError
try:
    ssc.awaitTermination(20)
except Py4JJavaError as e:
    print(e)
ssc.stop()
""")
    assert re.search(r"output operation 0 \(foreachRDD at job.py:6\) of the batch of \d{4}-\d\d-\d\d", done.stdout), done.stdout + done.stderr
    assert "ZeroDivisionError" in done.stdout and "job.py" in done.stdout and "lambda x: 1 // x" in done.stdout


def test_stop_inside_a_batch(tmp_path):
    done = run(tmp_path, """
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
ssc = StreamingContext(SparkContext("local[2]", "stops"), 0.1)
seen = []
def act(rdd):
    seen.append(rdd.collect())
    if seen[-1] == [2]:
        ssc.stop(stopSparkContext=False)
ssc.queueStream([[1], [2], [3]]).foreachRDD(act)
ssc.start()
ssc.awaitTermination()
print(seen)
ssc.sparkContext.stop()
""", seconds=60)
    assert done.stdout == "[[1], [2]]\n", done.stdout + done.stderr


def test_a_graceful_stop_finishes_what_was_received(tmp_path):
    server = socket.create_server(("127.0.0.1", 0))
    hold = threading.Event()

    def serve():
        taken, _ = server.accept()
        taken.sendall(b"".join(b"line %d\n" % i for i in range(1000)))
        hold.wait(60)

    threading.Thread(target=serve, daemon=True).start()
    done = run(tmp_path, """
import sys, time
from pyspark import SparkContext
from pyspark.streaming import StreamingContext, StreamingListener
sc = SparkContext("local[2]", "graceful")
ssc = StreamingContext(sc, 0.5)
got, received = [], []
class Listener(StreamingListener):
    def onBatchSubmitted(self, batchSubmitted):
        received.append(batchSubmitted.batchInfo().numRecords())
ssc.addStreamingListener(Listener())
ssc.socketTextStream("127.0.0.1", int(sys.argv[1])).foreachRDD(lambda rdd: (time.sleep(0.7), got.extend(rdd.collect())))
ssc.start()
while not got:
    ssc.awaitTerminationOrTimeout(0.05)
ssc.stop(stopSparkContext=True, stopGraceFully=True)
print(len(got), sum(received))
""", server.getsockname()[1], seconds=60)
    hold.set()
    server.close()
    assert done.stdout == "1000 1000\n", done.stdout + done.stderr


def test_stopping_the_spark_context_ends_the_waiting(tmp_path):
    done = run(tmp_path, """
import threading
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
sc = SparkContext("local[2]", "stops")
ssc = StreamingContext(sc, 0.1)
ssc.queueStream([[1]]).pprint()
ssc.start()
threading.Timer(1, sc.stop).start()
print(ssc.awaitTermination(), StreamingContext.getActive())
ssc.stop()
""", seconds=60)
    assert done.returncode == 0 and done.stdout.endswith("None None\n"), done.stdout + done.stderr


def test_ctrl_c_ends_the_waiting(tmp_path):
    import signal

    file = tmp_path / "job.py"
    file.write_text("""
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
ssc = StreamingContext(SparkContext("local[2]", "waits"), 0.2)
ssc.queueStream([[1]]).pprint()
ssc.start()
print("started", flush=True)
try:
    ssc.awaitTermination()
except KeyboardInterrupt:
    ssc.stop()
    print("ended")
""")
    job = subprocess.Popen([sys.executable, "-m", "pyspark_compat", str(file)], stdout=subprocess.PIPE, text=True)
    while job.stdout.readline() != "started\n":
        pass
    job.send_signal(signal.SIGINT)
    assert job.communicate(timeout=30)[0].endswith("ended\n")


def test_readmes_clock(tmp_path):
    """The README's example of a manual clock runs."""
    text = (ROOT / "README.md").read_text()
    example = next(b for b in re.findall(r"```python\n(.*?)```", text, re.S) if "ManualClock(sc)" in b)
    done = run(tmp_path, "from pyspark import SparkContext\nfrom pyspark.streaming import StreamingContext\n" + example + "print('passed')\n", seconds=30)
    assert done.stdout == "passed\n", done.stderr


def test_a_clock_turns_queries_and_dstreams_alike(tmp_path):
    (tmp_path / "in").mkdir()
    done = run(tmp_path, """
import datetime, os
from pyspark.sql import SparkSession
from pyspark.streaming import StreamingContext
from pyspark.testing import ManualClock
spark = SparkSession.builder.master("local[2]").getOrCreate()
with ManualClock(spark, start=datetime.datetime(2024, 1, 1)) as clock:
    said = []
    query = spark.readStream.schema("value string").text("in").writeStream.trigger(processingTime="1 hour").foreachBatch(
        lambda frame, epoch: said.append(("query", frame.count(), clock.now().hour))).start()
    ssc = StreamingContext(spark.sparkContext, 3600)
    ssc.queueStream([[1], [2, 3]]).foreachRDD(lambda time, rdd: said.append(("stream", rdd.count(), time.hour)))
    ssc.start()
    clock.advance(0)
    open("in/a.txt", "w").write("one\\n")
    clock.advance(1800)
    print(said)
    clock.advance(1800)
    print(sorted(said))
    clock.advance(3600)
    print(said[-1])
    query.stop()
    ssc.stop(stopSparkContext=False)
spark.stop()
""", seconds=60)
    assert done.stdout.splitlines() == ["[]", "[('query', 1, 1), ('stream', 1, 1)]", "('stream', 2, 2)"], done.stdout + done.stderr


WAL_JOB = """
import os, sys, time
from pyspark import SparkConf, SparkContext
from pyspark.streaming import StreamingContext
port, slow = int(sys.argv[1]), sys.argv[2] == "slow"
def create():
    conf = SparkConf().set("spark.streaming.receiver.writeAheadLog.enable", "true").set("spark.master", "local[2]").set("spark.app.name", "wal")
    ssc = StreamingContext(SparkContext(conf=conf), 0.2)
    def act(time_, rdd):
        lines = rdd.collect()
        if lines and os.path.exists("slow"):
            open("held", "w").close()
            time.sleep(600)
        with open("out", "a") as f:
            f.writelines(line + chr(10) for line in lines)
    ssc.socketTextStream("127.0.0.1", port).foreachRDD(act)
    return ssc
ssc = StreamingContext.getOrCreate("kept", create)
ssc.start()
open("started", "w").close()
ssc.awaitTermination()
"""


def test_received_lines_outlive_a_kill_with_the_log(tmp_path):
    """The receiver's write-ahead log: what was received and not worked off comes after the restart, though the server is gone."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    (tmp_path / "job.py").write_text(WAL_JOB)
    command = [sys.executable, "-m", "pyspark_compat", str(tmp_path / "job.py"), str(port), "slow"]
    (tmp_path / "slow").touch()
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    taken, _ = server.accept()
    waited(lambda: list((tmp_path / "kept").glob("checkpoint-*")))
    taken.sendall(b"one\n")
    waited(lambda: (tmp_path / "held").exists())
    taken.sendall(b"two\nthree\n")
    time.sleep(2)  # two more batches at least: the lines are received, and wait behind the one that is held
    first.kill()
    first.communicate()
    taken.close()
    server.close()
    (tmp_path / "slow").unlink()
    again = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    try:
        waited(lambda: (tmp_path / "out").exists() and len((tmp_path / "out").read_text().split()) >= 3)
    finally:
        again.kill()
        said = again.communicate()[1].decode()
    assert (tmp_path / "out").read_text().split() == ["one", "two", "three"], said


def waited(done, seconds=60):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise AssertionError("it did not come about")
        time.sleep(0.01)


def test_a_checkpoint_folder_that_was_removed_is_written_again(tmp_path):
    """PySpark makes it again with the next batch's checkpoint."""
    done = run(tmp_path, """
import os, shutil, time
from pyspark import SparkContext
from pyspark.streaming import StreamingContext
ssc = StreamingContext(SparkContext("local[2]", "removed"), 0.1)
ssc.checkpoint("saved")
os.mkdir("in")
ssc.textFileStream("in").foreachRDD(lambda rdd: None)
ssc.start()
def written():
    return os.path.isdir("saved") and any(name.startswith("checkpoint-") for name in os.listdir("saved"))
def wait():
    end = time.monotonic() + 30
    while not written() and time.monotonic() < end:
        ssc.awaitTerminationOrTimeout(0.02)
    return written()
assert wait()
os.rename("saved", "gone")
print(wait())
ssc.stop()
""", seconds=90)
    assert done.stdout == "True\n", done.stdout + done.stderr
