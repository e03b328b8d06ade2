"""writeStream.foreach: a function, or an object with open, process and close."""

import os
import re
import threading

import pytest


class Notes:
    """What workers have noted: a file a note."""

    def __init__(self, folder):
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)

    def add(self, *what):
        import os
        import time

        name = f"{time.time_ns():020d}-{os.getpid()}-{id(what)}"
        with open(os.path.join(self.folder, "." + name), "w") as f:
            f.write(repr(what))
        os.rename(os.path.join(self.folder, "." + name), os.path.join(self.folder, name))

    def read(self):
        return [open(os.path.join(self.folder, n)).read() for n in sorted(os.listdir(self.folder))]


class Writer:
    def __init__(self, notes, wanted=True, fails=None):
        self.notes, self.wanted, self.fails = notes, wanted, fails

    def open(self, partition, epoch):
        self.notes.add("open", partition, epoch)
        if self.fails == "open":
            raise ValueError("of open")
        return self.wanted

    def process(self, row):
        self.notes.add("process", row, type(row).__name__)
        if self.fails == "process":
            raise ValueError("of process")

    def close(self, error):
        self.notes.add("close", repr(error))
        if self.fails == "close":
            raise ValueError("of close")


class Bare:
    def __init__(self, notes):
        self.notes = notes

    def process(self, row):
        self.notes.add("process", row)


def run(frame, writer, mode="append", checkpoint=None):
    query = frame.writeStream.outputMode(mode).foreach(writer)
    if checkpoint:
        query = query.option("checkpointLocation", str(checkpoint))
    query = query.trigger(availableNow=True).start()
    try:
        query.awaitTermination(120)
        failed = None
    except Exception as e:
        text = str(e).split("=== Streaming Query ===")[0]
        failed = [type(e).__name__, re.findall(r"\[([A-Z_]{6,})\]", text), re.findall(r"^\w*Error: .*$", text, re.M)]
    return failed, [p["sink"]["numOutputRows"] for p in query.recentProgress]


@pytest.fixture
def notes(tmp_path):
    return Notes(tmp_path / "notes")


ROWS = "a@00:01=1 b@00:02 a@00:03=3"


@pytest.mark.parametrize("wanted", [True, False, None, 1], ids=repr)
def test_b4_open_process_close(check, feed, notes, wanted):
    feed.add(ROWS)
    check(run(feed.frame(), Writer(notes, wanted)))
    check(notes.read())


@pytest.mark.parametrize("fails", ["open", "process", "close"])
def test_failures(check, feed, notes, fails):
    feed.add(ROWS)
    check(run(feed.frame(), Writer(notes, fails=fails)))
    check(notes.read())


def test_function(check, feed, notes):
    feed.add(ROWS)
    check(run(feed.frame(), lambda row: notes.add(row, type(row).__name__)))
    check(notes.read())


def test_function_that_fails(check, feed, notes):
    feed.add(ROWS)
    check(run(feed.frame(), lambda row: 1 / 0))


def test_object_without_open_and_close(check, feed, notes):
    feed.add(ROWS)
    check(run(feed.frame(), Bare(notes)))
    check(notes.read())


def test_epochs(check, feed, notes):
    for text in ("a", "b c", "d"):
        feed.add(text)
    check(run(feed.frame().select("k"), Writer(notes)))
    check([n for n in notes.read() if "open" in n or "process" in n])


def test_partitions_of_an_aggregation(check, feed, notes):
    """Each partition of each epoch is opened once, with rows or without."""
    for text in ("a b", "a"):
        feed.add(text)
    check(run(feed.frame().groupBy("k").count(), Writer(notes), "complete"))
    said = notes.read()
    check(sorted(n for n in said if "open" in n))
    check(sorted(n for n in said if "process" in n))
    check([sum("close" in n for n in said)])


def test_restart(check, feed, notes, tmp_path):
    for text in ("a", "b"):
        feed.add(text)
        check(run(feed.frame().select("k"), Writer(notes), checkpoint=tmp_path / "check"))
    check([n for n in notes.read() if "close" not in n])


def test_a_failed_epoch_is_run_again(check, feed, notes, tmp_path):
    feed.add("a")
    check(run(feed.frame().select("k"), Writer(notes, fails="process"), checkpoint=tmp_path / "check"))
    check(run(feed.frame().select("k"), Writer(notes), checkpoint=tmp_path / "check"))
    check(notes.read())


def test_nested_rows(check, feed, notes, F):
    feed.add("a=1 b")
    d = feed.frame().select(F.struct("k", "v").alias("s"), F.array("v").alias("l"), F.lit(b"x").alias("y"))
    check(run(d, lambda row: notes.add(row)))
    check(notes.read())


def test_refusals(check, feed, notes):
    class Holder:
        pass

    numbers = Holder()
    numbers.process = 1
    no_open = Bare(notes)
    no_open.open = 3
    no_close = Bare(notes)
    no_close.close = "x"
    for wrong in (Holder(), numbers, no_open, no_close, None, 3):
        check.error(lambda: feed.frame().writeStream.foreach(wrong))
    lock = threading.Lock()
    check.error(lambda: feed.frame().writeStream.foreach(lambda row: lock))


def test_the_last_of_foreach_and_foreach_batch_counts(check, feed, notes):
    feed.add("a")
    got = []
    query = feed.frame().select("k").writeStream.foreach(Bare(notes)).foreachBatch(lambda f, n: got.append(f.count())).trigger(availableNow=True).start()
    query.awaitTermination(120)
    check([got, notes.read()])
