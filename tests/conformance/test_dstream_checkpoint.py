"""A checkpointed graph goes on: getOrCreate restores functions, files and state without calling the set-up function."""

import os

import pytest

from dstreams import moved
from test_dstream_context import message

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


def test_state_goes_on(check, dstreams):
    job = Job(dstreams)
    job.life("a b a\n", "one.txt", [("a", 2), ("b", 1)])
    SINK[job.kept].clear()
    job.life("b c\n", "two.txt", [("a", 2), ("b", 2), ("c", 1)])
    check(job.set_up)
    check(SINK[job.kept][-1])
    check(sorted({str(s) for s in SINK[job.kept]}))


def test_files_of_the_time_between(check, dstreams):
    job = Job(dstreams)
    job.life("a\n", "one.txt", [("a", 1)])
    moved(job.folder, "between.txt", "between\n")
    job.life("b\n", "two.txt", [("a", 1), ("b", 1), ("between", 1)])
    check(SINK[job.kept][-1])


def test_what_lies_in_the_folder(check, dstreams):
    job = Job(dstreams)
    job.life("a\n", "one.txt", [("a", 1)])
    names = os.listdir(job.kept)
    check([any(n.startswith("checkpoint-") for n in names), any(n.startswith("checkpoint-") and n.endswith(".bk") for n in names)])


def test_the_restored_context(check, dstreams):
    job = Job(dstreams)
    job.life("a\n", "one.txt", [("a", 1)])
    ssc = dstreams.ssc = dstreams.StreamingContext.getOrCreate(job.kept, job.create)
    check([type(ssc).__name__, ssc.sparkContext is dstreams.sc, dstreams.StreamingContext.getActive()])
    d = message(lambda: ssc.textFileStream(str(job.folder)).pprint())
    check(d)
    check(message(ssc.start)[0] if message else None)


def test_a_folder_without_a_checkpoint(check, dstreams):
    job = Job(dstreams)
    os.mkdir(job.kept)
    ssc = dstreams.StreamingContext.getOrCreate(job.kept, job.create)
    check(job.set_up)


def test_a_broken_checkpoint(check, dstreams):
    job = Job(dstreams)
    os.mkdir(job.kept)
    with open(os.path.join(job.kept, "checkpoint-1000"), "wb") as f:
        f.write(b"no checkpoint")
    check.error(lambda: dstreams.StreamingContext.getOrCreate(job.kept, job.create))
    check(job.set_up)


def test_windows_go_on(check, dstreams):
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
    check(SINK[kept][-1])
