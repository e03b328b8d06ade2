"""Random programs (programs.py): what they give, batch by batch, over stops and starts, is what PySpark gave."""

import pytest

from programs import Program, content, frame
from streams import Feed

COUNT = 500


def batches(run, counted):
    return [[i, len(rows) if counted else rows] for i, rows in run.batches if rows]


@pytest.mark.parametrize("seed", range(COUNT))
def test_program(check, spark, F, conf, tmp_path, seed):
    from streams import writer, Run

    p = Program(seed)
    conf("spark.sql.streaming.multipleWatermarkPolicy", p.policy)
    conf("spark.sql.streaming.noDataMicroBatches.enabled", str(p.nodata).lower())
    feeds = [Feed(spark, tmp_path / f"in{i}") for i in range(p.sources)]
    d = frame_or_error(check, lambda: frame(p, spark, F, feeds))
    if d is None:
        return
    got = []
    for segment in p.segments:
        run = Run()
        made = writer(d, p.mode, False, tmp_path / "checkpoint", run)
        failure = error_of(lambda: lived(made, p, feeds, segment))
        got.append(batches(run, p.counted))
        if failure is not None:
            check(got)
            check.error(raises(failure))
            return
    check(got)


def lived(made, p, feeds, segment):
    """One life of the query: its files one by one, or all at once."""
    if p.way == "steps":
        query = made.start()
        try:
            for source, rows in segment:
                feeds[source].write(content(rows))
                query.processAllAvailable()
        finally:
            query.stop()
        return
    for source, rows in segment:
        feeds[source].write(content(rows))
    query = made.trigger(availableNow=True).start()
    try:
        assert query.awaitTermination(120)
    finally:
        query.stop()


def frame_or_error(check, make):
    made = []
    failure = error_of(lambda: made.append(make()))
    if failure is None:
        return made[0]
    check.error(raises(failure))
    return None


def error_of(call):
    try:
        call()
    except Exception as e:  # PySpark's own; anything else is the test's failure
        if not hasattr(e, "getCondition"):
            raise
        return e
    return None


def raises(e):
    def again():
        raise e

    return again
