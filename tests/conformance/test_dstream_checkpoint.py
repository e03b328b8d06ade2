"""A checkpointed graph goes on: getOrCreate restores functions, files and state without calling the set-up function.

PySpark's JVM ends when a context is restored in the process that wrote its checkpoint, so these tests assert by themselves;
what PySpark does over two processes is recorded in test_dstream_examples.py.
"""

import os

import pytest

from dstreams import moved
from test_dstream_context import message

pytestmark = pytest.mark.only_ours("PySpark's JVM does not outlive a restored context in one process")
SINK = {}


def note(kept, rdd):
    SINK[kept].append(sorted(rdd.collect()))


def add(values, state):
    return sum(values) + (state or 0)


class Job:
    """Words counted by updateStateByKey from files; `SINK[name]` holds what came out."""

    def __init__(self, dstreams):
        self.dstreams, self.folder, self.kept = dstreams, dstreams.folder / "in", str(dstreams.folder / "checkpoint")
        self.folder.mkdir()
        self.set_up = 0
        SINK[self.kept] = []

    def create(self):
        self.set_up += 1
        ssc = self.dstreams.context()
        kept = self.kept
        counts = ssc.textFileStream(str(self.folder)).flatMap(lambda l: l.split(" ")).map(lambda w: (w, 1)).updateStateByKey(add)
        counts.foreachRDD(lambda rdd: note(kept, rdd))
        return ssc

    def life(self, text, name, wanted):
        """One life of the job: a file, and the wait for the counts that it gives."""
        ssc = self.dstreams.ssc = self.dstreams.StreamingContext.getOrCreate(self.kept, self.create)
        ssc.start()
        self.dstreams.turn(lambda: SINK[self.kept], 1)
        moved(self.folder, name, text)
        self.dstreams.turn(lambda: wanted in SINK[self.kept], 40)
        self.dstreams.turn(self.written, 3)
        ssc.stop(stopSparkContext=False)

    def written(self):
        """Whether the batch of the last counts is in a checkpoint: two more have been seen."""
        last = len(SINK[self.kept])
        self.mark = getattr(self, "mark", None) or last + 3
        if last >= self.mark:
            self.mark = None
            return True
        return False


def test_state_goes_on(dstreams):
    job = Job(dstreams)
    job.life("a b a\n", "one.txt", [("a", 2), ("b", 1)])
    SINK[job.kept].clear()
    job.life("b c\n", "two.txt", [("a", 2), ("b", 2), ("c", 1)])
    assert job.set_up == 1
    assert SINK[job.kept][-1] == [("a", 2), ("b", 2), ("c", 1)]
    assert {str(s) for s in SINK[job.kept]} <= {str([("a", 2), ("b", 1)]), str([("a", 2), ("b", 2), ("c", 1)])}


def test_files_of_the_time_between(dstreams):
    job = Job(dstreams)
    job.life("a\n", "one.txt", [("a", 1)])
    moved(job.folder, "between.txt", "between\n")
    job.life("b\n", "two.txt", [("a", 1), ("b", 1), ("between", 1)])
    assert SINK[job.kept][-1] == [("a", 1), ("b", 1), ("between", 1)]


def test_what_lies_in_the_folder(dstreams):
    job = Job(dstreams)
    job.life("a\n", "one.txt", [("a", 1)])
    names = os.listdir(job.kept)
    assert any(n.startswith("checkpoint-") and n.removeprefix("checkpoint-").isdigit() for n in names), names


def test_the_restored_context(dstreams):
    job = Job(dstreams)
    job.life("a\n", "one.txt", [("a", 1)])
    ssc = dstreams.ssc = dstreams.StreamingContext.getOrCreate(job.kept, job.create)
    assert type(ssc).__name__ == "StreamingContext" and ssc.sparkContext is dstreams.sc
    assert dstreams.StreamingContext.getActive() is None
    ssc.start()
    assert dstreams.StreamingContext.getActive() is ssc
    ssc.stop(stopSparkContext=False)
    assert message(ssc.start)[-1] == "java.lang.IllegalStateException"


def test_a_folder_without_a_checkpoint(dstreams):
    job = Job(dstreams)
    os.mkdir(job.kept)
    dstreams.StreamingContext.getOrCreate(job.kept, job.create)
    assert job.set_up == 1


def test_a_broken_checkpoint(dstreams):
    job = Job(dstreams)
    os.mkdir(job.kept)
    with open(os.path.join(job.kept, "checkpoint-1000"), "wb") as f:
        f.write(b"no checkpoint")
    assert message(lambda: dstreams.StreamingContext.getOrCreate(job.kept, job.create)) != ["no error"]
    assert job.set_up == 0


def test_windows_go_on(dstreams):
    folder, kept, b = dstreams.folder / "in", str(dstreams.folder / "checkpoint"), dstreams.seconds
    folder.mkdir()
    SINK[kept] = []

    def create():
        ssc = dstreams.context()
        words = ssc.textFileStream(str(folder)).map(lambda w: (w, 1))
        counts = words.reduceByKeyAndWindow(lambda x, y: x + y, lambda x, y: x - y, 1000 * b, b)
        counts.foreachRDD(lambda rdd: note(kept, rdd))
        return ssc

    for name, wanted in (("a", [("a", 1)]), ("b", [("a", 1), ("b", 1)])):
        ssc = dstreams.ssc = dstreams.StreamingContext.getOrCreate(kept, create)
        ssc.start()
        dstreams.turn(lambda: SINK[kept], 1)
        moved(folder, name, name + "\n")
        dstreams.turn(lambda: wanted in SINK[kept], 40)
        end = len(SINK[kept]) + 3
        dstreams.turn(lambda: len(SINK[kept]) >= end, 4)
        ssc.stop(stopSparkContext=False)
    assert SINK[kept][-1] == [("a", 1), ("b", 1)]


def test_initial_states_outlive_a_restart(dstreams):
    folder, kept = dstreams.folder / "in", str(dstreams.folder / "checkpoint")
    folder.mkdir()
    SINK[kept] = []

    def create():
        ssc = dstreams.context()
        states = ssc.textFileStream(str(folder)).map(lambda w: (w, 1)).updateStateByKey(add, initialRDD=[("z", 5)])
        states.foreachRDD(lambda rdd: note(kept, rdd))
        return ssc

    for name, wanted in (("a", [("a", 1), ("z", 5)]), ("b", [("a", 1), ("b", 1), ("z", 5)])):
        ssc = dstreams.ssc = dstreams.StreamingContext.getOrCreate(kept, create)
        ssc.start()
        dstreams.turn(lambda: SINK[kept], 1)
        moved(folder, name, name + "\n")
        dstreams.turn(lambda: wanted in SINK[kept], 40)
        ssc.stop(stopSparkContext=False)
    assert SINK[kept][-1] == [("a", 1), ("b", 1), ("z", 5)]
