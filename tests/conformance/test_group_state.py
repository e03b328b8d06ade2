"""applyInPandasWithState: states, timeouts, outputs, errors, refusals, restarts; both ways of running."""

import datetime
import re
import time

import pandas as pd
import pytest

from streams import available, steps, with_rows

OUT = "k string, n long"


@pytest.fixture
def ways(feed):
    """ways(way, frame, texts, …): a run of the texts as files, step by step or all at once."""

    def run(way, frame, texts, mode="update", **kept):
        if way == "steps":
            return steps(frame, [(feed, t) for t in texts], mode, **kept)
        for t in texts:
            feed.add(t)
        return available(frame, mode, **kept)

    return run


def states(run):
    """Of each batch: rows in state, updated and removed."""
    return [[p["batchId"], s["operatorName"], s["numRowsTotal"], s["numRowsUpdated"], s["numRowsRemoved"]] for p in run.progresses for s in p["stateOperators"]]


def dropped(run):
    return [[p["batchId"], s["numRowsDroppedByWatermark"]] for p in run.progresses for s in p["stateOperators"] if s["numRowsDroppedByWatermark"]]


def counting(key, frames, state):
    n = sum(map(len, frames)) + (state.get[0] if state.exists else 0)
    state.update((n,))
    yield pd.DataFrame({"k": [key[0]], "n": [n]})


def timing(after):
    """Counts; the group's time is out some seconds after the watermark, and then it gives its count negated."""

    def f(key, frames, state):
        if state.hasTimedOut:
            n, = state.get
            state.remove()
            yield pd.DataFrame({"k": [key[0]], "n": [-n]})
        else:
            n = sum(map(len, frames)) + (state.get[0] if state.exists else 0)
            state.update((n,))
            state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + after * 1000)
            yield pd.DataFrame({"k": [key[0]], "n": [n]})

    return f


def over(frame, f, mode="update", timeout="NoTimeout", out=OUT, state="n long", keys=("k",)):
    return frame.groupBy(*keys).applyInPandasWithState(f, out, state, mode, timeout)


BOTH = pytest.mark.parametrize("way", ["steps", "available"])


@BOTH
@pytest.mark.parametrize("mode", ["append", "update"])
def test_counts(check, feed, ways, way, mode):
    run = ways(way, over(feed.frame(), counting, mode), ["a b a", "b c =5", "", "a"], mode)
    check([with_rows(run.batches), states(run)])


@BOTH
def test_a1_event_time_timeout(check, feed, ways, way):
    d = over(feed.frame().withWatermark("ts", "0 seconds"), timing(20), timeout="EventTimeTimeout")
    run = ways(way, d, ["a@00:01 b@00:01", "a@00:30 c@00:30", "a@01:00 z@01:00"])
    check([with_rows(run.batches), states(run), run.watermarks()])


@BOTH
def test_event_time_timeout_moves_on(check, feed, ways, way):
    """A group that gets rows again has its time put off; one that does not, not."""
    d = over(feed.frame().withWatermark("ts", "10 seconds"), timing(30), timeout="EventTimeTimeout")
    run = ways(way, d, ["a@01:00 b@01:00", "a@01:20", "a@01:40", "c@02:00", "c@02:30", "a@00:01 d@03:30"])
    check([with_rows(run.batches), states(run), dropped(run)])


@BOTH
def test_a_key_with_rows_never_times_out(check, feed, ways, way):
    """Nor where its function leaves the time as it was; then the old time counts once the rows are done."""

    def f(key, frames, state):
        rows = [len(x) for x in frames]
        if not state.hasTimedOut and not state.exists:
            state.update((1,))
            state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + 5000)
        if state.hasTimedOut:
            state.remove()
        yield pd.DataFrame({"k": [f"{key[0]} {state.hasTimedOut} {sum(rows)}"], "n": [1]})

    d = over(feed.frame().withWatermark("ts", "0 seconds"), f, timeout="EventTimeTimeout")
    run = ways(way, d, ["a@00:01", "a@00:02 b@00:03", "a@00:20 b@00:30", "c@01:00"])
    check([with_rows(run.batches), states(run)])


@BOTH
def test_late_rows(check, feed, ways, way):
    """They are dropped where the timeout goes by event time, and nowhere else."""
    for timeout in ["NoTimeout", "EventTimeTimeout"]:
        d = over(feed.frame().withWatermark("ts", "10 seconds"), counting, timeout=timeout)
        run = ways(way, d, ["a@01:00 b@02:00", "a@00:10 a@01:55 c@01:50", "b@00:20"])
        check([with_rows(run.batches), dropped(run)])


def test_a2_timeout_timestamps(check, feed):
    def f(key, frames, state):
        said = []
        for value in (0, -5, datetime.datetime(1969, 1, 1), "x", 1.5, datetime.datetime(2030, 1, 1), 1_704_067_200_000):
            try:
                state.setTimeoutTimestamp(value)
                said.append("ok")
            except Exception as e:
                said.append(f"{type(e).__name__} {e.getCondition() if hasattr(e, 'getCondition') else e}")
        state.update((1,))
        state.setTimeoutTimestamp(datetime.datetime(2024, 1, 1, 0, 1, 30))
        yield pd.DataFrame({"k": [f"{key[0]} {state.hasTimedOut} {said}"], "n": [1]})

    run = steps(over(feed.frame().withWatermark("ts", "0 seconds"), f, timeout="EventTimeTimeout"), [(feed, "a@00:30"), (feed, "a@01:00")], "update")
    check([with_rows(run.batches), states(run)])


def test_a2_timeout_before_the_watermark(check, feed, spark):
    def f(key, frames, state):
        state.setTimeoutTimestamp(max(state.getCurrentWatermarkMs() - 1, 1))
        yield pd.DataFrame({"k": [key[0]], "n": [1]})

    check(failure(feed, over(feed.frame().withWatermark("ts", "0 seconds"), f, timeout="EventTimeTimeout"), ["a@00:30", "b@01:00"]))


def test_durations(check, feed):
    def f(key, frames, state):
        said = []
        for value in (0, -5, "10 seconds", None):
            try:
                state.setTimeoutDuration(value)
                said.append("ok")
            except Exception as e:
                said.append(f"{type(e).__name__} {e.getCondition() if hasattr(e, 'getCondition') else e}")
        try:
            state.setTimeoutTimestamp(5)
        except Exception as e:
            said.append(f"{type(e).__name__} {e.getCondition()} {e.getMessageParameters()}")
        yield pd.DataFrame({"k": [f"{key[0]} {said}"], "n": [1]})

    check(until(feed, over(feed.frame(), f, timeout="ProcessingTimeTimeout"), ["a"], 1))


def until(feed, frame, texts, wanted, mode="update"):
    """The rows, without the numbers of their batches, once there are as many as wanted."""
    got = []
    query = frame.writeStream.outputMode(mode).foreachBatch(lambda f, n: got.extend(list(r) for r in f.collect())).start()
    try:
        for t in texts:
            feed.add(t)
        end = time.monotonic() + 120
        while len(got) < wanted and query.isActive and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        query.stop()
    return sorted(got, key=repr)


def test_processing_time_timeout(check, feed):
    def f(key, frames, state):
        if state.hasTimedOut:
            state.remove()
            yield pd.DataFrame({"k": [f"{key[0]} is gone"], "n": [len(list(frames)[0])]})
        else:
            now = state.getCurrentProcessingTimeMs()
            assert abs(now / 1000 - time.time()) < 600
            state.update((1,))
            state.setTimeoutDuration(200)
            yield pd.DataFrame({"k": [key[0]], "n": [sum(map(len, frames))]})

    check(until(feed, over(feed.frame(), f, timeout="ProcessingTimeTimeout"), ["a b a"], 4))


def test_what_a_function_gets(check, feed, spark):
    def f(key, frames, state):
        frames = list(frames)
        said = [repr(key), type(key[0]).__name__, state.exists, state.getOption, state.hasTimedOut, state.oldTimeoutTimestamp, str(state)]
        said += [repr(x.dtypes.to_dict()) + repr(x.index) + repr(list(x.columns)) for x in frames]
        for call in ("get", "getCurrentWatermarkMs", "setTimeoutDuration", "setTimeoutTimestamp", "update"):
            try:
                found = getattr(state, call)
                said.append(found() if call.startswith("getC") else found(5) if call.startswith("set") else found(None) if call == "update" else found)
            except Exception as e:
                said.append(f"{type(e).__name__} {e.getCondition()} {e.getMessageParameters()}")
        state.update((7,))
        said += [state.exists, state.get, state.getOption, str(state)]
        state.remove()
        said += [state.exists, state.getOption, str(state)]
        yield pd.DataFrame({"k": [repr(said)], "n": [1]})

    for frame in (feed.frame(), feed.frame().withWatermark("ts", "1 second")):
        check(with_rows(steps(over(frame, f), [(feed, "a@00:01=1 a@00:02=2 b@00:03")], "update").batches))


def test_window_keys(check, feed, F):
    def f(key, frames, state):
        n = sum(map(len, frames)) + (state.get[0] if state.exists else 0)
        state.update((n,))
        yield pd.DataFrame({"k": [f"{key[0]['start']} {key[1]}"], "n": [n]})

    d = over(feed.frame().withWatermark("ts", "10 seconds").select(F.window("ts", "10 seconds").alias("w"), "k"), f, keys=("w", "k"))
    check(with_rows(steps(d, [(feed, "a@00:01 b@00:02 a@00:11"), (feed, "a@00:12 b@00:03")], "update").batches))


def test_state_types(check, feed):
    kinds = "a string, b int, c double, d boolean, e timestamp, f date, g decimal(10,2), h binary, i double, j string"

    def f(key, frames, state):
        before = repr(state.getOption)
        state.update(("s", 1, 2.5, True, datetime.datetime(2024, 1, 1, 3, 4, 5, 600), datetime.date(2024, 1, 2), None, b"x", 3, 4))
        yield pd.DataFrame({"k": [before], "n": [1]})

    check(with_rows(steps(over(feed.frame(), f, state=kinds), [(feed, "a"), (feed, "a")], "update").batches))


@pytest.mark.only_ours("PySpark fails on arrays and maps in a state")
def test_nested_states(feed):
    def f(key, frames, state):
        before = repr(state.getOption)
        state.update(([1, 2], {"a": 1}, (1, "x")))
        yield pd.DataFrame({"k": [before], "n": [1]})

    run = steps(over(feed.frame(), f, state="g array<int>, h map<string,int>, i struct<x:int,y:string>"), [(feed, "a"), (feed, "a")], "update")
    assert with_rows(run.batches) == [[0, [["None", 1]]], [1, [["([1, 2], {'a': 1}, Row(x=1, y='x'))", 1]]]]


def test_numpy_values_in_states(check, feed):
    def f(key, frames, state):
        before = repr(state.getOption)
        v = pd.concat(list(frames))
        state.update((v["v"].max(), v["ts"].max(), v["v"].mean()))
        yield pd.DataFrame({"k": [before], "n": [1]})

    d = over(feed.frame(), f, state="m int, t timestamp, a double")
    check(with_rows(steps(d, [(feed, "a@00:01=3 a@00:02=4"), (feed, "a@00:01=1")], "update").batches))


@pytest.mark.parametrize("value", [(1,), [2], ("x",), (1.5,), (None,), {"n": 1}, (True,)], ids=repr)
def test_values_of_states(check, feed, value):
    def f(key, frames, state):
        before = repr(state.getOption)
        state.update(value)
        yield pd.DataFrame({"k": [before], "n": [1]})

    check(with_rows(steps(over(feed.frame(), f), [(feed, "a"), (feed, "a")], "update").batches))


def test_removal(check, feed):
    def f(key, frames, state):
        v = pd.concat(list(frames))["v"].iloc[0]
        if v == 1:
            state.update((5,))
        elif v == 2:
            state.remove()
        elif v == 3:
            state.remove()
            state.update((6,))
        elif v == 4:
            state.update((7,))
            state.remove()
        yield pd.DataFrame({"k": [str(state)], "n": [v]})

    run = steps(over(feed.frame(), f), [(feed, t) for t in ["a=1 b=1", "a=2 c=2", "a=9", "a=3 b=4", "b=9 a=9"]], "update")
    check([with_rows(run.batches), states(run)])


def test_removal_with_a_timeout(check, feed):
    def f(key, frames, state):
        if state.hasTimedOut:
            yield pd.DataFrame({"k": [f"{state} out"], "n": [1]})
            state.remove()
        else:
            state.setTimeoutTimestamp(state.getCurrentWatermarkMs() + 5000)
            state.remove()
            yield pd.DataFrame({"k": [str(state)], "n": [1]})

    d = over(feed.frame().withWatermark("ts", "0 seconds"), f, timeout="EventTimeTimeout")
    run = steps(d, [(feed, "a@00:01"), (feed, "b@00:30")], "update")
    check([with_rows(run.batches), states(run)])


# what functions give
def wrong_names(key, frames, state):
    yield pd.DataFrame({"x": ["a"], "n": [1]})


def positional(key, frames, state):
    yield pd.DataFrame([["a", 1]])


def other_order(key, frames, state):
    yield pd.DataFrame({"n": [1], "k": ["a"]})


def a_list(key, frames, state):
    return [pd.DataFrame({"k": ["a"], "n": [1]}), pd.DataFrame({"k": ["b"], "n": [2]})]


def empty(key, frames, state):
    yield pd.DataFrame()
    yield pd.DataFrame({"k": [], "n": []})


def mixed(key, frames, state):
    yield pd.DataFrame({"k": ["a"], "n": [1]})
    yield pd.DataFrame({"k": ["b"], "n": [1.0]})
    yield pd.DataFrame({"k": [None], "n": [None]})


def no_rows_read(key, frames, state):
    yield pd.DataFrame({"k": [key[0]], "n": [1]})


def indexed(key, frames, state):
    yield pd.DataFrame({"k": ["a", "b"], "n": [1, 2]}, index=[7, 7])


@pytest.mark.parametrize("f", [wrong_names, positional, other_order, a_list, empty, mixed, no_rows_read, indexed], ids=lambda f: f.__name__)
def test_outputs(check, feed, f):
    check(with_rows(steps(over(feed.frame(), f), [(feed, "a a b")], "update").batches))


def few(key, frames, state):
    yield pd.DataFrame({"k": ["a"]})


def many(key, frames, state):
    yield pd.DataFrame({"k": ["a"], "n": [1], "z": [1]})


def a_frame(key, frames, state):
    return pd.DataFrame({"k": ["a"], "n": [1]})


def no_iterable(key, frames, state):
    return 1


def no_frame(key, frames, state):
    yield 1


def nothing(key, frames, state):
    return None


def bad_type(key, frames, state):
    yield pd.DataFrame({"k": ["a"], "n": ["x"]})


def fraction(key, frames, state):
    yield pd.DataFrame({"k": ["a"], "n": [1.5]})


def raises(key, frames, state):
    raise ValueError("boom")
    yield


def no_state(key, frames, state):
    yield pd.DataFrame({"k": ["a"], "n": [state.get[0]]})


def failure(feed, frame, texts):
    """The conditions that ended a query, and the type of the worker's error."""
    query = frame.writeStream.outputMode("update").format("noop").start()
    try:
        for t in texts:
            feed.add(t)
            query.processAllAvailable()
        return "no error"
    except Exception as e:
        text = str(e).split("=== Streaming Query ===")[0]
        kinds = re.findall(r"^([\w.]*(?:Error|Exception|Invalid))\b", text, re.M)
        return [type(e).__name__, re.findall(r"\[([A-Z_]{6,})\]", text), [k.rsplit(".", 1)[-1] for k in kinds][-1:]]
    finally:
        query.stop()


@pytest.mark.parametrize("f", [few, many, a_frame, no_iterable, no_frame, nothing, bad_type, fraction, raises, no_state], ids=lambda f: f.__name__)
def test_failures(check, feed, f):
    check(failure(feed, over(feed.frame(), f), ["a"]))


def test_the_traceback_is_the_users(check, feed):
    query = over(feed.frame(), raises).writeStream.outputMode("update").format("noop").start()
    feed.add("a")
    with pytest.raises(Exception) as e:
        query.processAllAvailable()
    lines = str(e.value).splitlines()
    check(["in raises" in str(e.value), "ValueError: boom" in lines, any('raise ValueError("boom")' in x for x in lines)])
    query.stop()


def test_many_groups_and_large_ones(check, feed, conf):
    """Groups come in parts of so many rows, a part a frame; small ones share what is sent."""
    conf("spark.sql.execution.arrow.maxRecordsPerBatch", "3")

    def f(key, frames, state):
        sizes = [len(x) for x in frames]
        n = sum(sizes) + (state.get[0] if state.exists else 0)
        state.update((n,))
        for i in range(2):
            yield pd.DataFrame({"k": [f"{key[0]} {max(sizes) <= 3}"] * n, "n": [n] * n})

    texts = [" ".join("k%d" % (i % 5) for i in range(40)) + " one", "one k1"]
    run = steps(over(feed.frame(), f), [(feed, t) for t in texts], "update")
    check([[b, len(rows), sorted(map(list, set(map(tuple, rows))))] for b, rows in run.batches])


@pytest.mark.parametrize("timeout", ["NoTimeout", "EventTimeTimeout"])
def test_restart(check, feed, tmp_path, timeout):
    f = counting if timeout == "NoTimeout" else timing(20)
    d = over(feed.frame().withWatermark("ts", "0 seconds"), f, timeout=timeout)
    for texts in (["a@00:01 b@00:02", "a@00:10"], ["b@00:11 c@00:12"], ["z@01:00"]):
        for t in texts:
            feed.add(t)
        run = available(d, "update", checkpoint=tmp_path / "check")
        check([with_rows(run.batches), states(run)])


def test_sql_types_out(check, feed):
    def f(key, frames, state):
        yield pd.DataFrame({"a": [[1, 2]], "b": [{"x": 1, "y": "z"}], "c": [pd.Timestamp("2024-01-01 01:02:03")], "d": [datetime.date(2024, 1, 1)], "e": [b"q"], "f": [True]})

    d = over(feed.frame(), f, out="a array<int>, b struct<x:int,y:string>, c timestamp, d date, e binary, f boolean")
    check(with_rows(steps(d, [(feed, "a b")], "update").batches))


# refusals
SHAPES = {
    "alone": lambda s, F, op: op(s),
    "aggregate before": lambda s, F, op: op(s.groupBy(F.window("ts", "10 seconds"), "k").count().withColumn("ts", F.current_timestamp())),
    "aggregate after": lambda s, F, op: op(s).groupBy("k").count(),
    "twice": lambda s, F, op: op(op(s)),
    "limit after": lambda s, F, op: op(s).limit(3),
    "sort after": lambda s, F, op: op(s).orderBy("k"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("of_query", ["append", "update", "complete"])
@pytest.mark.parametrize("of_function", ["append", "update"])
def test_modes(check, feed, F, shape, of_function, of_query):
    def op(d):
        return over(d, counting, of_function)

    def start():
        SHAPES[shape](feed.frame().withWatermark("ts", "10 seconds"), F, op).writeStream.outputMode(of_query).format("noop").start().stop()

    check.error(start)


def test_refusals(check, feed, spark, F):
    check.error(lambda: over(feed.frame(), counting, timeout="x"))
    check.error(lambda: over(feed.frame(), counting, mode="complete"))
    check.error(lambda: over(feed.frame(), counting, mode="foo"))
    check.error(lambda: over(feed.frame(), counting, out="string"))
    check.error(lambda: over(feed.frame(), counting, keys=("nope",)))
    check.error(lambda: over(feed.frame(), counting, timeout="EventTimeTimeout").writeStream.outputMode("update").format("noop").start())
    check.error(lambda: over(spark.range(3).withColumnRenamed("id", "k"), counting).collect())
    check(over(feed.frame(), counting).schema)
    check(over(feed.frame(), counting).isStreaming)
