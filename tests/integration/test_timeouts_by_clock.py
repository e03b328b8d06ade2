"""Timeouts of a group's state that go by the clock, which the test owns: they fire when they are due and not before."""

import json

import pandas as pd
import pytest

from pyspark_compat.sql import SparkSession
from pyspark_compat.testing import ManualClock


@pytest.fixture(scope="module")
def spark():
    with SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", "2").getOrCreate() as session:
        yield session


def count(key, frames, state):
    if state.hasTimedOut:
        (n,) = state.get
        state.remove()
        yield pd.DataFrame({"k": [key[0]], "n": [-n]})
        return
    n = (state.get[0] if state.exists else 0) + sum(map(len, frames))
    state.update((n,))
    state.setTimeoutDuration(10_000)
    yield pd.DataFrame({"k": [key[0]], "n": [n]})


def test_a_state_times_out_ten_seconds_after_its_last_row(spark, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()

    def add(name, *keys):
        hidden = folder / f".{name}"
        hidden.write_text("".join(json.dumps({"k": k}) + "\n" for k in keys))
        hidden.rename(folder / f"{name}.json")

    seen = []
    with ManualClock(spark) as clock:
        rows = spark.readStream.schema("k string").json(str(folder))
        counts = rows.groupBy("k").applyInPandasWithState(count, "k string, n long", "n long", "update", "ProcessingTimeTimeout")
        query = (counts.writeStream.outputMode("update").trigger(processingTime="1 second")
                 .foreachBatch(lambda frame, epoch: seen.extend(sorted(map(tuple, frame.collect())))).start())
        try:
            add("one", "a", "a", "b")
            clock.advance(1)
            assert seen == [("a", 2), ("b", 1)]
            clock.advance(5)
            add("two", "b")
            clock.advance(1)  # b lives on: its ten seconds begin anew
            assert seen[2:] == [("b", 2)]
            clock.advance(2)
            assert seen[3:] == [], "nothing is due before its time"
            clock.advance(3)
            assert seen[3:] == [("a", -2)]
            clock.advance(4)
            assert seen[4:] == []
            clock.advance(3)
            assert seen[4:] == [("b", -2)]
            add("three", "a")
            clock.advance(1)
            assert seen[5:] == [("a", 1)], "a state that timed out and was removed starts afresh"
        finally:
            query.stop()
