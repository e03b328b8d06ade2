"""Control of queries: spark.streams, listeners, settings of streaming, errors of every part, what is refused by name."""

import json
import os
import socket
import threading
import time
import uuid

import pytest

from streams import Feed, available, steps


def wait(until, seconds=60):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come about"
        threading.Event().wait(0.02)


def bad(batch, batch_id):
    raise ValueError("the user's own text")


def cause_of(e):
    cause = e._cause if getattr(e, "_cause", None) is not None else e.__cause__
    return [type(e).__name__, e.getCondition(), e.getSqlState(), cause is not None]


def ends_by(start, api):
    """How a query that fails tells it."""
    try:
        q = start()
        q.awaitTermination(60)
    except api.errors.StreamingQueryException as e:
        return cause_of(e)
    except Exception as e:
        return ["at start", type(e).__name__, e.getCondition() if hasattr(e, "getCondition") else None]
    q.stop()
    return "no error"


# -- waiting and asking ----------------------------------------------------------------------------------------


def test_q1_errors_and_waiting(check, spark, feed, api):
    feed.add("a=1")
    spark.streams.resetTerminated()
    q = feed.frame().writeStream.format("noop").queryName("q1").start()
    check([q.awaitTermination(0.2), spark.streams.awaitAnyTermination(0.2), spark.streams.get(q.id).name])
    for timeout in [0, -1, "str", True, 0.0001]:
        check.outcome(lambda: q.awaitTermination(timeout))
    for timeout in [-1, "str"]:
        check.outcome(lambda: spark.streams.awaitAnyTermination(timeout))
    q.stop()
    q.stop()
    check([q.isActive, q.exception(), spark.streams.get(q.id), spark.streams.awaitAnyTermination(5), [a.name for a in spark.streams.active]])
    spark.streams.resetTerminated()
    failing = feed.frame().writeStream.foreachBatch(bad).start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        failing.awaitTermination(60)
    check(cause_of(caught.value))
    check([failing.isActive, type(failing.exception()).__name__])
    for _ in range(2):
        with pytest.raises(api.errors.StreamingQueryException):
            spark.streams.awaitAnyTermination(10)
    with pytest.raises(api.errors.StreamingQueryException):
        failing.processAllAvailable()
    spark.streams.resetTerminated()
    check(spark.streams.awaitAnyTermination(0.1))
    failing.stop()
    check([failing.awaitTermination.__name__, failing.exception() is not None])


@pytest.mark.parametrize("arguments", [{}, {"once": True, "availableNow": True}, {"once": False}, {"availableNow": 1}, {"realTime": ""}, {"realTime": "abc"}, {"realTime": "5 seconds"}, {"realTime": "1 second", "once": True}, {"continuous": "1 second"}])
def test_q1_trigger(check, feed, arguments):
    check.outcome(lambda: type(feed.frame().writeStream.trigger(**arguments)).__name__)


def test_await_any_wakes_when_one_ends(check, spark, feed):
    spark.streams.resetTerminated()
    feed.add("a=1")
    one = feed.frame().writeStream.format("noop").start()
    two = feed.frame().writeStream.format("noop").start()
    check(len(spark.streams.active))
    told = []
    asking = threading.Thread(target=lambda: told.append(spark.streams.awaitAnyTermination(60)))
    asking.start()
    two.stop()
    asking.join(60)
    check([told, one.isActive, two.isActive, [q.id == one.id for q in spark.streams.active]])
    check([spark.streams.get(str(one.id)).runId == one.runId, spark.streams.get(uuid.uuid4() if False else str(uuid.uuid4()))])
    one.stop()


@pytest.mark.parametrize("wrong", [5, None, "x", ""])
def test_get_arguments(check, spark, wrong):
    check.outcome(lambda: spark.streams.get(wrong))


def test_names(check, spark, feed):
    feed.add("a=1")
    start = lambda name: feed.frame().writeStream.format("noop").queryName(name).start()
    q = start("same")
    check.error(lambda: start("same"))
    other = start("Same")
    check([other.isActive, q.isActive])
    other.stop()
    q.stop()
    again = start("same")
    check(again.isActive)
    again.stop()


# -- one checkpoint, two runs -------------------------------------------------------------------------------------


def test_stop_active_run_on_restart(check, spark, feed, tmp_path, conf, api):
    feed.add("a=1")
    start = lambda: feed.frame().writeStream.format("noop").option("checkpointLocation", str(tmp_path / "c")).start()
    one = start()
    one.processAllAvailable()
    conf("spark.sql.streaming.stopActiveRunOnRestart", "false")
    check.error(start)
    check([one.isActive, one.exception(), len(spark.streams.active)])
    spark.conf.set("spark.sql.streaming.stopActiveRunOnRestart", "true")
    two = start()
    check([one.isActive, one.exception(), two.isActive, one.id == two.id, len(spark.streams.active)])
    two.stop()


def test_of_another_session(check, spark, feed, tmp_path):
    feed.add("a=1")
    start = lambda d: d.writeStream.format("noop").queryName("shared").option("checkpointLocation", str(tmp_path / "c")).start()
    one = start(feed.frame())
    one.processAllAvailable()
    other = spark.newSession()
    check([len(other.streams.active), other.streams.get(one.id)])
    two = start(Feed(other, tmp_path / "in").frame())
    check([one.isActive, two.isActive, one.id == two.id, len(spark.streams.active), len(other.streams.active)])
    two.stop()


# -- settings of streaming ------------------------------------------------------------------------------------------


def test_no_data_micro_batches(check, feed, conf, F):
    conf("spark.sql.streaming.noDataMicroBatches.enabled", "false")
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count().select("window.start", "count")
    texts = ["a@00:05 b@00:15", "a@00:45", "a@01:45"]
    run = steps(d, [(feed, t) for t in texts])
    check([run.batches, run.watermarks()])
    check(available(d).batches)


def test_without_the_check_of_operations(check, feed, conf):
    feed.add("a=3 b=1 c=2")
    feed.add("d=5 e=4")
    d = feed.frame().select("k", "v").orderBy("v")
    check.error(lambda: available(d))
    conf("spark.sql.streaming.unsupportedOperationCheck", "false")
    check(available(d, ordered=True).batches)


def test_g3_session_windows_in_update_mode(check, feed, F):
    d = feed.frame().groupBy(F.session_window("ts", "10 seconds").alias("s"), "k").count()
    for mode in ["update", "append"]:
        check.error(lambda: d.writeStream.outputMode(mode).format("noop").start())


def test_min_batches_to_retain(check, feed, conf, tmp_path):
    conf("spark.sql.streaming.minBatchesToRetain", "2")
    for i in range(8):
        feed.add(f"a={i}")
    available(feed.frame().groupBy("k").count(), "update", checkpoint=tmp_path / "c")
    kept = lambda *where: sorted(int(n) for n in os.listdir(tmp_path.joinpath("c", *where)) if n.isdigit())
    check([kept("offsets"), kept("commits")])


def test_recent_progress_updates(check, feed, conf):
    """Q3: with N = 3 PySpark keeps two, we keep exactly N."""
    conf("spark.sql.streaming.numRecentProgressUpdates", "3")
    for i in range(6):
        feed.add(f"a={i}")
    check([p.batchId for p in available(feed.frame()).progresses], ours=[3, 4, 5])


def test_polling_delay(check, feed, conf):
    conf("spark.sql.streaming.pollingDelay", "50")
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").start()
    q.processAllAvailable()
    feed.add("b=2")
    wait(lambda: len(q.recentProgress) == 2)
    q.stop()
    check(q.lastProgress.batchId)


def test_stop_timeout(check, feed, conf, impl):
    conf("spark.sql.streaming.stopTimeout", "200")
    feed.add("a=1")
    entered, go_on = threading.Event(), threading.Event()

    def holds(batch, batch_id):
        entered.set()
        go_on.wait(60)

    q = feed.frame().writeStream.foreachBatch(holds).start()
    entered.wait(60)
    try:
        q.stop()
        check("stopped")
    except Exception as e:
        check(["raised", "TimeoutException" in str(e) or isinstance(e, TimeoutError)])
    go_on.set()
    q.awaitTermination(60)
    check([q.isActive, q.exception()])


SETTINGS = ["spark.sql.streaming.minBatchesToRetain", "spark.sql.streaming.numRecentProgressUpdates", "spark.sql.streaming.pollingDelay", "spark.sql.streaming.stopTimeout", "spark.sql.streaming.noDataProgressEventInterval", "spark.sql.streaming.noDataMicroBatches.enabled", "spark.sql.streaming.multipleWatermarkPolicy", "spark.sql.streaming.metricsEnabled", "spark.sql.streaming.stopActiveRunOnRestart", "spark.sql.streaming.schemaInference", "spark.sql.streaming.forceDeleteTempCheckpointLocation", "spark.sql.streaming.unsupportedOperationCheck", "spark.sql.streaming.statefulOperator.checkCorrectness.enabled", "spark.sql.streaming.stateStore.maintenanceInterval", "spark.sql.streaming.stateStore.minDeltasForSnapshot", "spark.sql.streaming.maxBatchesToRetainInMemory", "spark.sql.streaming.fileSource.schema.forceNullable", "spark.sql.streaming.stateStore.stateSchemaCheck", "spark.sql.streaming.triggerAvailableNowWrapper.enabled"]
WRONG_SETTINGS = [("spark.sql.streaming.minBatchesToRetain", "x"), ("spark.sql.streaming.minBatchesToRetain", "0"), ("spark.sql.streaming.numRecentProgressUpdates", "0"), ("spark.sql.streaming.pollingDelay", "1 month"), ("spark.sql.streaming.stopTimeout", "x"), ("spark.sql.streaming.noDataMicroBatches.enabled", "maybe"), ("spark.sql.streaming.multipleWatermarkPolicy", "avg"), ("spark.sql.streaming.stopTimeout", "5s")]


def test_settings(check, spark, conf, api):
    check([[key, spark.conf.get(key, None)] for key in SETTINGS])
    for key, value in WRONG_SETTINGS:
        try:
            spark.conf.set(key, value)
            check([key, spark.conf.get(key)])
        except api.errors.IllegalArgumentException as e:
            check([e.getCondition(), e.getSqlState(), e.getMessageParameters()["confName"], e.getMessageParameters().get("confType")])
        spark.conf.unset(key)


# -- listeners -------------------------------------------------------------------------------------------------------


def recorder(api, seen, log=lambda kind, event: kind):
    class Recorder(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            seen.append(log("started", event))

        def onQueryProgress(self, event):
            seen.append(log("progress", event))

        def onQueryIdle(self, event):
            seen.append(log("idle", event))

        def onQueryTerminated(self, event):
            seen.append(log("terminated", event))

    return Recorder()


@pytest.fixture
def listen(spark):
    added = []

    def add(listener):
        spark.streams.addListener(listener)
        added.append(listener)
        return listener

    yield add
    for listener in added:
        spark.streams.removeListener(listener)


def test_q4_order_of_events(check, spark, feed, api, listen):
    seen = []
    q = None
    listen(recorder(api, seen, lambda kind, e: [kind, type(e).__name__, (e.progress.batchId if kind == "progress" else None)]))
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").queryName("ordered").start()
    check(seen[:1])  # onQueryStarted has been called when start() returns
    q.processAllAvailable()
    feed.add("b=2")
    q.processAllAvailable()
    q.stop()
    wait(lambda: any(s[0] == "terminated" for s in seen))
    check([s for s in seen if s[0] != "idle"])


def test_q4_idle(check, spark, feed, api, listen, conf):
    conf("spark.sql.streaming.noDataProgressEventInterval", "200")
    seen = []
    listen(recorder(api, seen, lambda kind, e: [kind, e]))
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").start()
    wait(lambda: sum(s[0] == "idle" for s in seen) >= 2)
    q.stop()
    event = next(s[1] for s in seen if s[0] == "idle")
    check([type(event).__name__, event.id == uuid.UUID(str(q.id)), str(event.runId) == str(q.runId), type(event.timestamp).__name__, event.timestamp.endswith("Z"), len(event.timestamp)])
    check(q.lastProgress.batchId)


def still(p):
    """What of a progress that no batch made stays the same."""
    p = json.loads(p.json)
    p["durationMs"] = sorted(p["durationMs"])
    for key in ["timestamp", "batchDuration"]:
        p[key] = type(p[key]).__name__
    for operator in p["stateOperators"]:
        del operator["customMetrics"], operator["memoryUsedBytes"]
    return p


def test_idleness_shows_in_progress(check, spark, feed, conf, F):
    conf("spark.sql.streaming.noDataProgressEventInterval", "200")
    d = feed.frame().withWatermark("ts", "5 seconds").groupBy(F.window("ts", "10 seconds")).count().observe("m", F.count("*").alias("n"))
    q = d.writeStream.format("noop").start()
    wait(lambda: q.lastProgress is not None)
    check(still(q.lastProgress))
    feed.add("a@00:05 b@00:30")
    q.processAllAvailable()
    batches = lambda: [p for p in q.recentProgress if p.numInputRows or "addBatch" in p.durationMs]
    wait(lambda: len(batches()) == 2 and "addBatch" not in q.lastProgress.durationMs)
    check(still(q.lastProgress))
    q.stop()
    check([p.batchId for p in batches()])


def test_event_objects(check, spark, feed, api, listen):
    seen = []
    listen(recorder(api, seen, lambda kind, e: [kind, e]))
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").queryName("objects").trigger(availableNow=True).start()
    q.awaitTermination(60)
    wait(lambda: any(s[0] == "terminated" for s in seen))
    events = dict(seen)
    s, p, t = events["started"], events["progress"].progress, events["terminated"]
    check([s.name, str(s.id) == str(q.id), type(s.id).__name__, type(s.runId).__name__, s.timestamp.endswith("Z"), s.jobTags])
    check([t.exception, t.errorClassOnException, type(t.id).__name__, str(t.runId) == str(q.runId)])
    check([type(p).__name__, p["name"], p.name, type(p["id"]).__name__, type(p.id).__name__, p.numInputRows, p.sources[0].numInputRows, p.sink.numOutputRows, type(p.sources[0].startOffset).__name__, p.sources[0].startOffset, p.sources[0].endOffset, p.sources[0].latestOffset, p.sources[0].metrics, p.sink.metrics])
    check([sorted(json.loads(p.json)), sorted(json.loads(p.prettyJson)), str(p) == p.prettyJson])
    streaming = api.load("sql.streaming.listener")
    for name in ["QueryStartedEvent", "QueryProgressEvent", "QueryIdleEvent", "QueryTerminatedEvent"]:
        check([hasattr(getattr(streaming, name), "fromJson"), hasattr(getattr(streaming, name), "fromJObject")] if name == "none" else hasattr(getattr(streaming, name), "fromJson"))
    back = streaming.QueryStartedEvent.fromJson({"id": str(q.id), "runId": str(q.runId), "name": None, "timestamp": "t"} | ({"jobTags": ["x"]}))
    check([back.name, back.timestamp, back.jobTags])
    back = streaming.QueryTerminatedEvent.fromJson({"id": str(q.id), "runId": str(q.runId), "exception": "e", "errorClassOnException": "C"})
    check([back.exception, back.errorClassOnException])


def test_terminated_by_errors(check, spark, feed, api, listen):
    seen = []
    listen(recorder(api, seen, lambda kind, e: [kind, e]))
    feed.add("a=1")

    def ended(start):
        seen.clear()
        q = start()
        wait(lambda: any(k == "terminated" for k, _ in seen))
        e = next(e for k, e in seen if k == "terminated")
        return [e.errorClassOnException, e.exception is not None, "STREAM_FAILED" in e.exception, [k for k, _ in seen if k != "idle"]]

    check(ended(lambda: feed.frame().writeStream.foreachBatch(bad).start()))
    check(ended(lambda: feed.frame().selectExpr("1 / (v - 1)").writeStream.format("noop").start()))
    check(ended(lambda: feed.frame().selectExpr("raise_error('told')").writeStream.format("noop").start()))
    spark.streams.resetTerminated()


def test_listeners_added_and_removed(check, spark, feed, api):
    one, two = [], []
    first, second = recorder(api, one), recorder(api, two)
    spark.streams.removeListener(first)  # never added: no error
    spark.streams.addListener(first)
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").start()
    q.processAllAvailable()
    wait(lambda: "progress" in one)  # listeners are told by a thread of their own
    spark.streams.addListener(second)
    feed.add("b=2")
    q.processAllAvailable()
    wait(lambda: one.count("progress") == 2 and "progress" in two)
    spark.streams.removeListener(first)
    q.stop()
    wait(lambda: "terminated" in two)
    check([[e for e in one if e != "idle"], [e for e in two if e != "idle"]])
    spark.streams.removeListener(second)
    spark.streams.removeListener(second)
    for wrong in [5, None, object()]:
        check.error(lambda: spark.streams.addListener(wrong))
    check.error(lambda: api.streaming.StreamingQueryListener())


def test_a_listener_may_ask_and_stop(check, spark, feed, api, listen):
    told = []

    class Stops(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            told.append(["started", type(self.spark).__name__])

        def onQueryProgress(self, event):
            q = spark.streams.get(str(event.progress.id))
            told.append(["asked", q is not None and q.isActive])

        def onQueryTerminated(self, event):
            told.append(["terminated"])

    listen(Stops())
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").start()
    q.processAllAvailable()
    wait(lambda: ["asked", True] in told)
    q.stop()
    wait(lambda: ["terminated"] in told)
    check(told)


def test_a_listener_without_idle(check, spark, feed, api, listen, conf):
    conf("spark.sql.streaming.noDataProgressEventInterval", "100")
    seen = []

    class Old(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            seen.append("started")

        def onQueryProgress(self, event):
            seen.append("progress")

        def onQueryTerminated(self, event):
            seen.append("terminated")

    listen(Old())
    feed.add("a=1")
    q = feed.frame().writeStream.format("noop").start()
    q.processAllAvailable()
    q.awaitTermination(0.5)
    q.stop()
    wait(lambda: "terminated" in seen)
    check(seen)


def test_onquerystarted_may_stop_the_start(check, spark, feed, api, listen):
    """An error of a listener is nobody else's."""
    class Raises(api.streaming.StreamingQueryListener):
        def onQueryStarted(self, event):
            raise RuntimeError("mine")

        def onQueryProgress(self, event):
            raise RuntimeError("mine")

        def onQueryTerminated(self, event):
            raise RuntimeError("mine")

    listen(Raises())
    feed.add("a=1")
    check.outcome(lambda: available(feed.frame().select("v")).batches)


# -- errors of every part --------------------------------------------------------------------------------------------


def test_error_of_a_udf(check, spark, feed, api, F):
    feed.add("a=1")

    @F.udf("int")
    def fails(v):
        raise KeyError("in the udf")

    q = feed.frame().select(fails("v")).writeStream.format("noop").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.awaitTermination(60)
    check(cause_of(caught.value))
    text = str(caught.value)
    check(["in the udf" in text, "KeyError" in text, "in fails" in text])
    check([caught.value.getMessageParameters().keys() >= {"id", "runId", "message"}, "KeyError" in caught.value.getMessageParameters()["message"]])


def test_error_of_foreach_batch(check, spark, feed, api):
    feed.add("a=1")
    q = feed.frame().writeStream.foreachBatch(bad).queryName("named").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.processAllAvailable()
    e = caught.value
    check(cause_of(e))
    check(["the user's own text" in str(e), "ValueError" in str(e), "in bad" in str(e), "STREAM_FAILED" in e.getMessage(), type(e._cause).__name__ if hasattr(e, "_cause") else None])
    check([e.getMessageParameters()["id"] == str(q.id), e.getMessageParameters()["runId"] == str(q.runId), type(e.getQueryContext()).__name__, sorted(e.getMessageParameters())])
    check([q.status["message"].startswith("Terminated with exception"), q.status["isDataAvailable"], q.status["isTriggerActive"]])


def test_error_inside_the_batch_frame(check, spark, feed, api):
    feed.add("a=1")
    check(ends_by(lambda: feed.frame().writeStream.foreachBatch(lambda d, i: d.selectExpr("1 / (v - 1) as x").collect()).trigger(availableNow=True).start(), api))
    check(ends_by(lambda: feed.frame().selectExpr("1 / (v - 1) as x").writeStream.foreachBatch(lambda d, i: d.collect()).trigger(availableNow=True).start(), api))
    check(ends_by(lambda: feed.frame().writeStream.foreachBatch(lambda d, i: d.select("nope")).trigger(availableNow=True).start(), api))


@pytest.mark.parametrize("kind", ["csv", "json", "division"])
def test_error_of_the_batch_frame_rises_in_the_function(check, spark, tmp_path, api, kind):
    source, seen = tmp_path / "in", []
    source.mkdir()
    (source / "a").write_text({"csv": "1,2\nx,3\n", "json": '{"a": 1, "b": 2}\n{"a":\n', "division": "1,0\n"}[kind])
    read = spark.readStream.schema("a int, b int").option("mode", "FAILFAST")
    d = (read.json if kind == "json" else read.csv)(str(source))
    d = d.selectExpr("a / b as q") if kind == "division" else d

    def function(frame, _):
        try:
            frame.collect()
        except Exception as e:
            seen.append(next(c for c in ["FAILED_READ_FILE.NO_HINT", "DIVIDE_BY_ZERO", "?"] if c in str(e) or c == "?"))
            raise

    check(ends_by(lambda: d.writeStream.foreachBatch(function).trigger(availableNow=True).start(), api))
    check(seen)
    check(ends_by(lambda: d.writeStream.foreachBatch(bad).trigger(availableNow=True).start(), api))


@pytest.mark.parametrize("kind", ["broken json", "json failfast", "broken parquet", "vanished folder"])
def test_error_of_a_source(check, spark, tmp_path, api, kind):
    import shutil

    feed = Feed(spark, tmp_path / "in")
    if kind == "broken parquet":
        feed.write("no parquet at all", "parquet")
        d = spark.readStream.schema("v int").parquet(str(feed.folder))
    else:
        feed.write('{"v": 1}\n{"v": \n')
        d = feed.frame("v int", **({"mode": "FAILFAST"} if kind == "json failfast" else {}))
    if kind == "vanished folder":
        q = d.writeStream.format("noop").start()
        q.processAllAvailable()
        shutil.rmtree(feed.folder)
        check(ends_by(lambda: q, api) if False else q.awaitTermination(0.3))
        q.stop()
        return
    check(ends_by(lambda: d.writeStream.format("noop").trigger(availableNow=True).start(), api))


def test_error_of_a_sink(check, spark, feed, tmp_path, api):
    feed.add("a=1")
    (tmp_path / "file").write_text("in the way")
    check(ends_by(lambda: feed.frame().writeStream.format("json").option("checkpointLocation", str(tmp_path / "c")).trigger(availableNow=True).start(str(tmp_path / "file")), api) != "no error")


def test_text_of_the_exception(check, feed, api):
    feed.add("a=1")
    q = feed.frame().selectExpr("1 / (v - 1) as x").writeStream.format("noop").queryName("told").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.awaitTermination(60)
    text = str(caught.value).split("JVM stacktrace")[0]
    check([line.split(":")[0].split("[id")[0] for line in text.splitlines() if line.startswith(("===", "Identifier", "Current", "Logical"))])
    check([caught.value.getMessage().split(" = ")[0], type(caught.value.getMessage()).__name__])


# -- foreachBatch ------------------------------------------------------------------------------------------------------


def test_foreach_batch_writes_to_several_targets(check, spark, feed, tmp_path):
    for t in ["a=1 b=2", "c=3"]:
        feed.add(t)

    def both(batch, batch_id):
        batch.persist()
        batch.write.mode("append").json(str(tmp_path / "one"))
        batch.where("v > 1").select("k").write.mode("append").text(str(tmp_path / "two"))
        batch.unpersist()

    feed.frame().writeStream.foreachBatch(both).trigger(availableNow=True).start().awaitTermination(60)
    check.unordered(spark.read.schema("k string, v int").json(str(tmp_path / "one")))
    check.unordered(spark.read.text(str(tmp_path / "two")))


def test_b2_several_actions(check, feed, spark, tmp_path, F):
    """PySpark runs the plan once an action; our frame is computed once."""
    feed.add("a=1 b=2")
    calls = tmp_path / "calls"
    calls.mkdir()

    @F.udf("int")
    def counted(v):
        import pathlib
        import uuid

        pathlib.Path(str(calls), uuid.uuid4().hex).touch()
        return v

    def take(batch, batch_id):
        batch.count(), batch.collect(), batch.select("x").collect()

    q = feed.frame().select(counted("v").alias("x")).writeStream.foreachBatch(take).trigger(availableNow=True).start()
    q.awaitTermination(60)
    check([len(list(calls.iterdir())) > 2, q.lastProgress.numInputRows], ours=[False, 2])


def test_foreach_batch_stops_its_own_query(check, feed):
    feed.add("a=1")
    feed.add("b=2")
    seen, handle, ready = [], [], threading.Event()

    def take(batch, batch_id):
        ready.wait(60)
        seen.append(batch.count())
        if batch_id == 1:
            handle[0].stop()

    q = feed.frame().writeStream.foreachBatch(take).start()
    handle.append(q)
    ready.set()
    check([q.awaitTermination(60), seen, q.isActive, q.exception()])


def test_foreach_batch_starts_a_query(check, spark, feed, tmp_path):
    feed.add("a=1")
    got = []

    def take(batch, batch_id):
        inner = Feed(spark, tmp_path / "inner")
        inner.add("x=1 y=2")
        q = inner.frame().writeStream.format("memory").queryName("inner").trigger(availableNow=True).start()
        q.awaitTermination(60)
        got.append(spark.table("inner").count())

    q = feed.frame().writeStream.foreachBatch(take).trigger(availableNow=True).start()
    q.awaitTermination(60)
    check([got, q.exception()])


# -- memory ------------------------------------------------------------------------------------------------------------


def test_b7_memory(check, spark, feed, tmp_path):
    feed.add("a b")
    d = feed.frame()
    check.error(lambda: d.writeStream.format("memory").start())
    start = lambda mode, checkpoint: d.groupBy("k").count().writeStream.format("memory").queryName("b7").outputMode(mode).option("checkpointLocation", str(tmp_path / checkpoint)).start()
    q = start("complete", "complete")
    check.error(lambda: start("complete", "other"))
    q.processAllAvailable()
    q.stop()
    feed.add("a c")
    q = start("complete", "complete")
    q.processAllAvailable()
    check.unordered(spark.table("b7"))
    q.stop()
    appended = lambda: d.select("k").writeStream.format("memory").queryName("b7").option("checkpointLocation", str(tmp_path / "append")).start()
    q = appended()
    q.processAllAvailable()
    check.unordered(spark.table("b7"))
    q.stop()
    check.error(appended)
    check.error(lambda: d.groupBy("k").count().writeStream.format("memory").queryName("b7").outputMode("update").option("checkpointLocation", str(tmp_path / "append")).start())


def test_memory_update(check, spark, feed):
    feed.add("a b")
    q = feed.frame().groupBy("k").count().writeStream.format("memory").queryName("updates").outputMode("update").start()
    q.processAllAvailable()
    feed.add("a")
    q.processAllAvailable()
    check.unordered(spark.table("updates"))
    check(q.lastProgress.sink.description.split("@")[0])
    q.stop()


# -- refused by name ---------------------------------------------------------------------------------------------------


REFUSED = {
    "trigger(realTime": lambda s, d, p: d.writeStream.trigger(realTime="5 seconds").format("noop").start(),
    "trigger(continuous": lambda s, d, p: d.writeStream.trigger(continuous="1 second").format("noop").start(),
    "asyncProgressTrackingEnabled": lambda s, d, p: d.writeStream.option("asyncProgressTrackingEnabled", True).option("checkpointLocation", p + "/c").format("noop").start(),
    "DataStreamReader.changes": lambda s, d, p: s.readStream.changes("t"),
    "orc": lambda s, d, p: s.readStream.schema("a int").orc(p),
    "xml": lambda s, d, p: s.readStream.schema("a int").xml(p, rowTag="r"),
    "DataStreamWriter.clusterBy": lambda s, d, p: d.writeStream.clusterBy("k").format("json").option("checkpointLocation", p + "/c").start(p + "/o"),
    "Python data sources": lambda s, d, p: s.dataSource.register(object),
    "the data source kafka": lambda s, d, p: s.readStream.format("kafka").option("subscribe", "t").load(),
    "the data source delta": lambda s, d, p: s.readStream.format("delta").load(p),
    "the data source jdbc": lambda s, d, p: s.readStream.format("jdbc").load(),
    "the sink kafka": lambda s, d, p: d.writeStream.format("kafka").option("checkpointLocation", p + "/c").start(),
    "the sink delta": lambda s, d, p: d.writeStream.format("delta").option("checkpointLocation", p + "/c").start(p + "/o"),
    "the sink jdbc": lambda s, d, p: d.writeStream.format("jdbc").option("checkpointLocation", p + "/c").start(),
    "the sink orc": lambda s, d, p: d.writeStream.format("orc").option("checkpointLocation", p + "/c").start(p + "/o"),
    "transformWithState": lambda s, d, p: d.groupBy("k").transformWithState(None, "a int", "append", "none"),
    "transformWithStateInPandas": lambda s, d, p: d.groupBy("k").transformWithStateInPandas(None, "a int", "append", "none"),
}


@pytest.mark.only_ours("PySpark has all of these, or fails for want of a package")
@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(spark, feed, api, tmp_path, name):
    feed.add("a=1")
    with pytest.raises(api.errors.PySparkNotImplementedError) as caught:
        REFUSED[name](spark, feed.frame(), str(tmp_path))
    assert caught.value.getCondition() == "NOT_IMPLEMENTED" and name in str(caught.value)
    assert spark.streams.active == []


def test_available_now_without_data(check, feed, tmp_path):
    check([still(p) for p in available(feed.frame()).progresses])
    feed.add("a=1")
    for _ in range(2):
        check([[p.batchId, p.numInputRows] for p in available(feed.frame(), checkpoint=tmp_path / "c").progresses])


def test_named_sources(check, spark, tmp_path):
    check.error(lambda: spark.readStream.name("source1").format("rate").load())
    check.error(lambda: spark.readStream.name("source1").schema("a int").json(str(tmp_path)))


def test_unknown_formats(check, spark, feed, tmp_path):
    feed.add("a=1")
    check.error(lambda: spark.readStream.format("nosuchformat").load())
    check.error(lambda: feed.frame().writeStream.format("nosuchformat").option("checkpointLocation", str(tmp_path / "c")).start())
    check.error(lambda: spark.readStream.format("memory").load())
    check.error(lambda: spark.readStream.format("console").load())
    check.error(lambda: spark.readStream.format("noop").load())
    check.error(lambda: feed.frame().writeStream.format("rate").option("checkpointLocation", str(tmp_path / "c")).start())
    check.error(lambda: feed.frame().writeStream.format("socket").option("host", "h").option("port", 1).option("checkpointLocation", str(tmp_path / "c")).start())
    check.outcome(lambda: type(spark.readStream.name("good_1")).__name__)
    for wrong in ["bad-name", "", 5, "a b"]:
        check.error(lambda: spark.readStream.name(wrong))
