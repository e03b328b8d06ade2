"""Streams made of files, in the notation of the cases: ``a@00:05=3`` is k = a, ts = 2024-01-01T00:00:05Z, v = 3.

Two ways to run them, whose right answers differ: steps (add a file, wait, add the next: batches without data come in
between) and available (all files there, trigger availableNow).
"""

import json
import os
import re

SCHEMA = "k string, ts timestamp, v int"
WORD = re.compile(r"(?P<k>[^@=]*)(@(?P<m>\d+):(?P<s>\d+))?(=(?P<v>-?\d+))?$")
FIRST_MTIME = 1_700_000_000


def rows(text):
    """The JSON objects of ``a@00:05=3 b@01:00``; an empty k is null."""
    out = []
    for word in text.split():
        part = WORD.match(word).groupdict()
        row = {}
        if part["k"]:
            row["k"] = part["k"]
        if part["m"] is not None:
            minutes = int(part["m"])
            row["ts"] = f"2024-01-01T{minutes // 60:02d}:{minutes % 60:02d}:{part['s']}Z"
        if part["v"] is not None:
            row["v"] = int(part["v"])
        out.append(row)
    return out


class Feed:
    def __init__(self, spark, folder):
        self.spark = spark
        self.folder = folder
        self.count = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, text):
        """One file, later in modification time than the ones before; it appears by rename."""
        self.write("\n".join(json.dumps(r) for r in rows(text)) + "\n")

    def write(self, content, suffix="json"):
        hidden = self.folder / f".{self.count:05d}"
        hidden.write_text(content)
        os.utime(hidden, (FIRST_MTIME + self.count, FIRST_MTIME + self.count))
        hidden.rename(self.folder / f"{self.count:05d}.{suffix}")
        self.count += 1

    def frame(self, schema=SCHEMA, **options):
        reader = self.spark.readStream.schema(schema).option("maxFilesPerTrigger", 1)
        return reader.options(**options).json(str(self.folder))


class Run:
    """What a query gave: batches (id -> rows, sorted unless told) and its progresses."""

    def __init__(self):
        self.batches = []
        self.progresses = []

    def collect(self, ordered):
        def take(frame, batch_id):
            got = [list(r) for r in frame.collect()]
            self.batches.append([batch_id, got if ordered else sorted(got, key=repr)])

        return take

    def dropped(self):
        return [p["batchId"] for p in self.progresses for s in p["stateOperators"] if s["numRowsDroppedByWatermark"]]

    def states(self):
        """By batch: each stateful operator's name, rows held, updated, removed, dropped as late."""
        keys = ["operatorName", "numRowsTotal", "numRowsUpdated", "numRowsRemoved", "numRowsDroppedByWatermark"]
        return [[p["batchId"], *[[s[k] for k in keys] for s in p["stateOperators"]]] for p in self.progresses]

    def watermarks(self):
        return [[p["batchId"], p["eventTime"].get("watermark")] for p in self.progresses]


def writer(frame, mode, ordered, checkpoint, run):
    started = frame.writeStream.outputMode(mode).foreachBatch(run.collect(ordered))
    return started.option("checkpointLocation", str(checkpoint)) if checkpoint else started


def steps(frame, feeds_and_texts, mode="append", ordered=False, checkpoint=None):
    """feeds_and_texts: (feed, text) pairs, one added a step. Gives the Run; batches without rows are left out."""
    run = Run()
    query = writer(frame, mode, ordered, checkpoint, run).start()
    try:
        for feed, text in feeds_and_texts:
            feed.add(text)
            query.processAllAvailable()
    finally:
        query.stop()
    run.progresses = [p for p in query.recentProgress]
    return run


def available(frame, mode="append", ordered=False, checkpoint=None):
    run = Run()
    query = writer(frame, mode, ordered, checkpoint, run).trigger(availableNow=True).start()
    try:
        assert query.awaitTermination(120)
    finally:
        query.stop()
    run.progresses = [p for p in query.recentProgress]
    return run


WAYS = ["steps", "available"]


def run(way, frame, feeds_and_texts, mode="append", **options):
    """Either way; for available all files are there at first."""
    if way == "steps":
        return steps(frame, feeds_and_texts, mode, **options)
    for feed, text in feeds_and_texts:
        feed.add(text)
    return available(frame, mode, **options)


def with_rows(batches):
    return [b for b in batches if b[1]]


def outcome(run):
    """Batches with rows, the batches that dropped rows, the watermark of each batch."""
    return [with_rows(run.batches), run.dropped(), run.watermarks()]
