"""The query's handle, its progress and status, the manager, listeners, errors, restarts."""

import json
import threading
import time

import pytest

from streams import available, steps


def wait(until, seconds=60):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come about"
        threading.Event().wait(0.02)


def stable(progress, canon_text):
    """What of a progress does not change from run to run; values that do become their type."""
    p = json.loads(progress.json)
    p["durationMs"] = sorted(p["durationMs"])
    for place in [p, *p["sources"]]:
        for key in ["timestamp", "batchDuration", "inputRowsPerSecond", "processedRowsPerSecond"]:
            if key in place:
                place[key] = type(place[key]).__name__
    for operator in p["stateOperators"]:
        operator.pop("customMetrics")
        for key in ["allUpdatesTimeMs", "allRemovalsTimeMs", "commitTimeMs", "memoryUsedBytes"]:
            operator[key] = type(operator[key]).__name__
    return p


def test_handle(check, spark, feed):
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").queryName("handle").start()
    check([q.name, q.isActive, type(q.id).__name__, type(q.runId).__name__, q.exception(), q.awaitTermination(0.1)])
    q.processAllAvailable()
    check([q.status["isTriggerActive"] in (True, False), sorted(q.status)])
    check([spark.streams.get(q.id) is not None, spark.streams.get(str(q.id)).name, [a.name for a in spark.streams.active]])
    q.stop()
    q.stop()
    check([q.isActive, q.exception(), q.awaitTermination(), q.awaitTermination(1), q.status, spark.streams.get(q.id), len(spark.streams.active)])
    check([q.lastProgress["batchId"], len(q.recentProgress)])


def test_no_name_no_progress(check, feed):
    q = feed.frame().writeStream.format("noop").start()
    check([q.name, q.lastProgress, q.recentProgress])
    q.stop()


@pytest.mark.parametrize("timeout", [0, -1, "str", None, 0.5])
def test_await_arguments(check, feed, timeout):
    feed.add("a")
    q = feed.frame().writeStream.format("noop").trigger(availableNow=True).start()
    q.awaitTermination(60)
    check.outcome(lambda: q.awaitTermination(timeout))


def test_progress_of_a_stateless_query(check, feed):
    feed.add("a=1 b=2")
    feed.add("c=3")
    q = feed.frame().select("k").writeStream.format("noop").queryName("pname").trigger(availableNow=True).start()
    q.awaitTermination(60)
    for p in q.recentProgress:
        check(stable(p, None))
    p = q.lastProgress
    check([p["id"] == str(p.id), p["name"], p.name, p.batchId, p["batchId"], p.numInputRows, type(p.sources).__name__, type(p.sources[0]).__name__, p.sources[0]["numInputRows"], p.sources[0].numInputRows, p.sink.description, p["sink"]["numOutputRows"], isinstance(p, dict), list(p), p.eventTime, p.observedMetrics])
    check([p.timestamp.endswith("Z"), len(p.timestamp), p.json == json.dumps(json.loads(p.json), separators=(",", ":")), type(p.prettyJson).__name__, type(p.durationMs).__name__])
    check([type(q).__name__, [type(x).__name__ for x in q.recentProgress], type(p.stateOperators).__name__])


def test_progress_of_a_stateful_query(check, feed, F):
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds"), "k").count()
    run = steps(d, [(feed, "a@00:05 b@00:15"), (feed, "a@00:45 c@00:01")])
    for p in run.progresses:
        check(stable(p, None))
    s = run.progresses[0].stateOperators[0]
    check([s.operatorName, s.numRowsTotal, s["numRowsUpdated"], type(s.customMetrics).__name__])


def test_progress_of_several_sources(check, feed, spark, tmp_path):
    from streams import Feed

    other = Feed(spark, tmp_path / "other")
    feed.add("a=1")
    other.add("b=2 c=3")
    run = available(feed.frame().select("k").union(other.frame().select("k")))
    check(stable(run.progresses[0], None)["sources"])
    feed.add("z=1")
    run = available(feed.frame().select("k").union(feed.frame().select("k")))
    check([run.progresses[-1]["numInputRows"], len(run.progresses[-1]["sources"])])


def test_numbers_after_a_filter(check, feed):
    feed.add("a=1 b=2 c=3")
    check(available(feed.frame().where("v > 2")).progresses[0]["numInputRows"])


def test_recent_progress_is_bounded(check, feed, conf):
    conf("spark.sql.streaming.numRecentProgressUpdates", "3")
    for i in range(6):
        feed.add(f"a={i}")
    check([p["batchId"] for p in available(feed.frame()).progresses], ours=[3, 4, 5])


def test_listener(check, spark, feed, api):
    seen = []
    mine = set()  # runs that began under this listener: the end of an earlier test's query may still be told

    class Listener(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            mine.add(str(event.runId))
            seen.append(["started", type(event).__name__, event.name, str(event.id) == str(event.id), type(event.timestamp).__name__])

        def onQueryProgress(self, event):
            seen.append(["progress", type(event).__name__, type(event.progress).__name__, event.progress.batchId, event.progress.numInputRows])

        def onQueryIdle(self, event):
            seen.append(["idle", type(event).__name__])

        def onQueryTerminated(self, event):
            if str(event.runId) in mine:
                seen.append(["terminated", type(event).__name__, event.exception, event.errorClassOnException])

    listener = Listener()
    spark.streams.addListener(listener)
    try:
        feed.add("a=1")
        feed.add("b=2 c=3")
        q = feed.frame().writeStream.format("noop").queryName("listened").trigger(availableNow=True).start()
        check(seen[0])
        q.awaitTermination(60)
        wait(lambda: any(s[0] == "terminated" for s in seen))
        check(seen)
        seen.clear()

        def bad(batch, batch_id):
            raise ValueError("no")

        q = feed.frame().writeStream.foreachBatch(bad).start()
        wait(lambda: any(s[0] == "terminated" for s in seen))
        check([[s[0]] for s in seen])
        check([seen[-1][2] is not None, seen[-1][3]])
    finally:
        spark.streams.removeListener(listener)
        spark.streams.resetTerminated()
    before = len(seen)
    available(feed.frame())
    check(len(seen) == before)


def test_a_listener_that_raises_harms_nobody(check, spark, feed, api):
    class Bad(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            raise ValueError("in the listener")

        def onQueryProgress(self, event):
            raise ValueError("in the listener")

        def onQueryTerminated(self, event):
            raise ValueError("in the listener")

    bad = Bad()
    spark.streams.addListener(bad)
    try:
        feed.add("a=1")
        check.outcome(lambda: available(feed.frame().select("v")).batches)
    finally:
        spark.streams.removeListener(bad)
    check.error(lambda: spark.streams.addListener(5))


def test_manager(check, spark, feed):
    spark.streams.resetTerminated()
    check([spark.streams.active, spark.streams.awaitAnyTermination(0.1)])
    check.error(lambda: spark.streams.get("not-a-uuid"))
    check(spark.streams.get("00000000-0000-0000-0000-000000000000"))
    check.error(lambda: spark.streams.awaitAnyTermination(0))
    feed.add("a")
    q = feed.frame().writeStream.format("noop").queryName("dup").start()
    check.error(lambda: feed.frame().writeStream.format("noop").queryName("dup").start())
    q.stop()
    check(spark.streams.awaitAnyTermination(10))

    def bad(batch, batch_id):
        raise ValueError("no")

    spark.streams.resetTerminated()
    q = feed.frame().writeStream.foreachBatch(bad).start()
    check.error(lambda: spark.streams.awaitAnyTermination(60))
    with pytest.raises(Exception) as caught:
        spark.streams.awaitAnyTermination(60)
    check(type(caught.value).__name__)
    with pytest.raises(Exception):
        spark.streams.awaitAnyTermination(1)
    spark.streams.resetTerminated()
    check(spark.streams.awaitAnyTermination(0.1))


def failure(query, api):
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        query.awaitTermination(60)
    e = caught.value
    cause = e._cause if getattr(e, "_cause", None) is not None else e.__cause__
    return [e.getCondition(), e.getSqlState(), sorted(e.getMessageParameters()), cause.getCondition() if hasattr(cause, "getCondition") else None]


@pytest.mark.parametrize("text", ["1 / (v - 1)", "cast(k as int)", "array(1)[v]", "2147483647 + v", "element_at(array(1), 5)"])
def test_failing_expression(check, feed, api, text):
    feed.add("a=1 b=2")
    q = feed.frame().selectExpr(f"{text} as x").writeStream.format("noop").start()
    check(failure(q, api))
    check([q.isActive, q.exception() is not None, q.status["isDataAvailable"], q.status["message"].startswith("Terminated with exception")])


def test_process_all_available_raises(check, feed, api):
    feed.add("a=1")
    q = feed.frame().selectExpr("1 / (v - 1) as x").writeStream.format("noop").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.processAllAvailable()
    check(caught.value.getCondition())


def test_failed_batch_gives_no_progress(check, feed):
    feed.add("a=1")
    q = feed.frame().selectExpr("1 / (v - 1) as x").writeStream.format("noop").start()
    wait(lambda: not q.isActive)
    check([q.lastProgress is None, len(q.recentProgress)])


def test_message_shows_the_query(check, feed, api):
    feed.add("a=1")
    q = feed.frame().selectExpr("1 / (v - 1) as x").writeStream.format("noop").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.awaitTermination(60)
    text = str(caught.value)
    check([text.startswith("[STREAM_FAILED]"), str(q.id) in text, str(q.runId) in text, "DIVIDE_BY_ZERO" in text, "SQLSTATE: XXKST" in text])


def test_restart_goes_on(check, feed, tmp_path):
    ck = tmp_path / "c"
    feed.add("a=1")
    feed.add("b=2")
    d = lambda: feed.frame().select("v")
    first = available(d(), checkpoint=ck)
    feed.add("c=3")
    second = available(d(), checkpoint=ck)
    third = available(d(), checkpoint=ck)
    check([first.batches, second.batches, third.batches])
    check([p["batchId"] for p in second.progresses])


def test_restart_keeps_id_and_state(check, feed, tmp_path, F):
    ck = str(tmp_path / "c")
    ids = []

    def run(text):
        feed.add(text)
        got = []
        q = feed.frame().groupBy("k").count().writeStream.outputMode("update").option("checkpointLocation", ck).foreachBatch(lambda f, i: got.append([i, sorted(map(tuple, f.collect()))])).trigger(availableNow=True).start()
        ids.append((str(q.id), str(q.runId)))
        q.awaitTermination(60)
        return got

    check([run("a b"), run("a"), run("b c")])
    check([len({i for i, _ in ids}), len({r for _, r in ids})])


def test_restart_keeps_watermark(check, feed, tmp_path, F):
    ck = tmp_path / "c"
    d = lambda: feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count")
    feed.add("a@00:01")
    feed.add("a@00:30")
    first = available(d(), checkpoint=ck)
    feed.add("a@00:02 a@00:40")
    feed.add("a@00:03")
    second = available(d(), checkpoint=ck)
    check([first.batches, second.batches, second.dropped(), first.watermarks(), second.watermarks()])


def test_failed_batch_is_run_again(check, feed, tmp_path):
    ck = str(tmp_path / "c")
    feed.add("a=1")
    feed.add("b=2")
    seen, fail = [], [True]

    def take(f, i):
        rows = [r.v for r in f.collect()]
        seen.append([i, rows])
        if i == 1 and fail[0]:
            raise RuntimeError("once")

    start = lambda: feed.frame().select("v").writeStream.option("checkpointLocation", ck).foreachBatch(take).trigger(availableNow=True).start()
    q = start()
    wait(lambda: not q.isActive)
    fail[0] = False
    feed.add("c=3")
    start().awaitTermination(60)
    check(seen)


def test_a_second_start_on_an_active_checkpoint(check, feed, tmp_path):
    feed.add("a=1")
    start = lambda: feed.frame().writeStream.format("noop").option("checkpointLocation", str(tmp_path / "c")).start()
    one = start()
    one.processAllAvailable()
    two = start()
    check([one.isActive, one.exception(), two.isActive, one.id == two.id, one.runId == two.runId])
    two.stop()


def test_checkpoint_of_another_query(check, spark, feed, tmp_path, F):
    ck = tmp_path / "c"
    feed.add("a=1")
    available(feed.frame().select("v"), checkpoint=ck)
    feed.add("b=2")
    check.outcome(lambda: available(feed.frame().groupBy("k").count(), "update", checkpoint=ck).batches)
    ck2 = tmp_path / "c2"
    available(feed.frame().groupBy("k").count(), "update", checkpoint=ck2)
    feed.add("c=3")

    def condition(d):
        try:
            available(d, "update", checkpoint=ck2)
        except Exception as e:
            cause = e._cause if getattr(e, "_cause", None) is not None else e.__cause__
            return [type(e).__name__, e.getCondition(), cause.getCondition() if hasattr(cause, "getCondition") else None]
        return "no error"

    check(condition(feed.frame().groupBy("v").count()))
    check(condition(feed.frame().groupBy("k").agg(F.max("v"), F.count("*"))))


@pytest.mark.parametrize("damage", ["torn offset", "torn commit", "empty offset", "missing metadata", "bad version", "gap", "commit ahead"])
def test_damaged_logs(check, feed, tmp_path, damage, api):
    ck = tmp_path / "c"
    for t in ["a=1", "b=2", "c=3"]:
        feed.add(t)
    available(feed.frame().select("v"), checkpoint=ck)
    for crc in ck.rglob(".*.crc"):
        crc.unlink()
    offset, commit = ck / "offsets" / "2", ck / "commits" / "2"
    if damage == "torn offset":
        commit.unlink()
        offset.write_text(offset.read_text()[:40])
    elif damage == "torn commit":
        commit.write_text("v1")
    elif damage == "empty offset":
        commit.unlink()
        offset.write_text("")
    elif damage == "missing metadata":
        (ck / "metadata").unlink()
    elif damage == "bad version":
        offset.write_text(offset.read_text().replace("v1", "v9", 1))
    elif damage == "gap":
        (ck / "offsets" / "1").unlink()
    elif damage == "commit ahead":
        (ck / "commits" / "3").write_text(commit.read_text())
    feed.add("d=4")

    def again():
        try:
            return available(feed.frame().select("v"), checkpoint=ck).batches
        except Exception as e:
            cause = e._cause if getattr(e, "_cause", None) is not None else e.__cause__
            return [type(e).__name__, e.getCondition() if hasattr(e, "getCondition") else None, cause.getCondition() if hasattr(cause, "getCondition") else None]

    check(again())


def test_file_vanishes_before_it_is_read(check, feed, api, F):
    feed.add("a=1")
    feed.add("b=2")
    gone = feed.folder / "00001.json"

    def take(f, i):
        f.collect()
        if i == 0 and gone.exists():
            gone.unlink()

    q = feed.frame().writeStream.foreachBatch(take).trigger(availableNow=True).start()
    try:
        q.awaitTermination(60)
        check("no error")
    except api.errors.StreamingQueryException as e:
        check([e.getCondition()])


def test_a_file_changed_after_it_was_read_is_not_read_again(check, feed):
    check([b for b in two_files(feed)])


def two_files(feed):
    got = []
    q = feed.frame().select("v").writeStream.foreachBatch(lambda f, i: got.append([r.v for r in f.collect()])).start()
    feed.add("a=1")
    q.processAllAvailable()
    (feed.folder / "00000.json").write_text('{"v":100}\n')
    feed.add("b=2")
    q.processAllAvailable()
    q.stop()
    return got


def test_stop_inside_the_callback(check, feed):
    feed.add("a=1")
    handle, seen = [], []
    ready = threading.Event()

    def take(f, i):
        ready.wait(60)
        seen.append(i)
        handle[0].stop()

    q = feed.frame().writeStream.foreachBatch(take).start()
    handle.append(q)
    ready.set()
    check(q.awaitTermination(60))
    check([seen, q.isActive, q.exception()])


def test_explain(check, feed, capsys):
    feed.add("a=1")
    q = feed.frame().groupBy("k").count().writeStream.outputMode("complete").format("noop").start()
    q.processAllAvailable()
    for arguments in [(), (True,)]:
        capsys.readouterr()
        q.explain(*arguments)
        check([line for line in capsys.readouterr().out.splitlines() if line.startswith("==")])
    q.stop()
    fresh = feed.frame()
    capsys.readouterr()
    fresh.explain()
    check([line for line in capsys.readouterr().out.splitlines() if line.startswith("==")])


@pytest.mark.only_ours("PySpark's status and progresses are no functions and its queries cannot be started again")
def test_callable_forms_and_start(feed, tmp_path):
    feed.add("a=1")
    seen = []
    q = feed.frame().writeStream.option("checkpointLocation", str(tmp_path / "c")).foreachBatch(lambda f, i: seen.append([i, f.count()])).trigger(availableNow=True).start()
    q.awaitTermination(60)
    assert q.status() == q.status and q.recentProgress() == q.recentProgress and q.lastProgress() == q.lastProgress
    feed.add("b=2 c=3")
    assert q.start() is q
    q.awaitTermination(60)
    assert seen == [[0, 1], [1, 2]]


def test_checkpoint_active_in_another_process(check, feed, tmp_path, impl):
    """One of the two processes is refused; which of them is not promised."""
    import pathlib
    import subprocess
    import sys

    from other_process import cause

    checkpoint = str(tmp_path / "c")
    feed.add("=1")
    q = feed.frame("v int").writeStream.format("noop").option("checkpointLocation", checkpoint).start()
    q.processAllAvailable()
    other = tmp_path / "in2"
    other.mkdir()
    for place in ["a", "b"]:
        (other / f"{place}.json").write_text('{"v":2}\n')
    script = pathlib.Path(__file__).with_name("other_process.py")
    done = subprocess.run([sys.executable, str(script), impl, str(other), checkpoint], capture_output=True, text=True, timeout=120)
    there = done.stdout.strip().splitlines()[-1].removeprefix("ended: ")
    here = "ok"
    try:
        feed.add("=3")
        q.processAllAvailable()
    except Exception as e:
        here = cause(e)
    finally:
        q.stop()
    check(sorted({here, there} - {"ok"}), ours=["CONCURRENT_STREAM_LOG_UPDATE"])
