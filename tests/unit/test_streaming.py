"""Streaming queries over the recording engine: the order of start(), lanes, waits, progress, listeners, restarts."""

import gc
import json
import logging
import sys
import threading
import uuid

import pandas as pd
import pytest

from pyspark_compat import _native
from pyspark_compat.errors import PySparkException, PySparkRuntimeError, StreamingQueryException
from pyspark_compat.sql import SparkSession
from pyspark_compat.sql.streaming import StreamingQueryListener
from pyspark_compat.sql.streaming._interval import check_interval
from pyspark_compat.sql.streaming.listener import StreamingQueryProgress

ID, RUN = str(uuid.uuid4()), str(uuid.uuid4())
PROGRESS = {
    "id": ID, "runId": RUN, "name": None, "timestamp": "2024-01-01T00:00:00.000Z", "batchId": 3, "batchDuration": 5, "numInputRows": 2, "inputRowsPerSecond": 0.0,
    "processedRowsPerSecond": 5.1, "durationMs": {"addBatch": 4}, "eventTime": {"watermark": "1970-01-01T00:00:00.000Z"},
    "stateOperators": [{"operatorName": "stateStoreSave", "numRowsTotal": 2, "numRowsUpdated": 2, "allUpdatesTimeMs": 1, "numRowsRemoved": 0, "allRemovalsTimeMs": 1, "commitTimeMs": 1,
                        "memoryUsedBytes": 1, "numRowsDroppedByWatermark": 0, "numShufflePartitions": 2, "numStateStoreInstances": 2, "customMetrics": {"x": 1}}],
    "sources": [{"description": "FileStreamSource[file:DIR]", "startOffset": None, "endOffset": {"logOffset": 0}, "latestOffset": None, "numInputRows": 2, "inputRowsPerSecond": 0.0, "processedRowsPerSecond": 5.1}],
    "sink": {"description": "MemorySink", "numOutputRows": 1}, "observedMetrics": {"m": {"a": 1}},
}
FAILURE = {"class": "StreamingQueryException", "condition": "STREAM_FAILED", "sqlState": "XXKST", "message": "no", "messageParameters": {"id": ID, "runId": RUN, "message": "no"}}


@pytest.fixture
def stream(spark):
    return spark.readStream.schema("k string, v int").option("maxFilesPerTrigger", 1).json("in", latestFirst=True)


def wait(until):
    for _ in range(1000):
        if until():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not come about")


def operations(fake):
    return [r["op"] if k == "query" else k for k, r in fake.requests if k in ("query", "write_stream_operation_start")]


def lane_threads():
    return [t for t in threading.enumerate() if t.name.startswith("stream execution thread")]


def test_reader(stream, fake):
    m = fake.last("read").read
    assert m.is_streaming and (m.data_source.format, list(m.data_source.paths)) == ("json", ["in"])
    assert dict(m.data_source.options) == {"maxFilesPerTrigger": "1", "latestFirst": "true"}
    assert stream.isStreaming and stream.columns == ["k", "v"]


def test_reader_forms(spark, fake):
    spark.readStream.format("rate").option("rowsPerSecond", 5).name("a_1").load()
    m = fake.last("read").read.data_source
    assert (m.format, list(m.paths), m.source_name) == ("rate", [], "a_1")
    spark.readStream.load("p", "text", "value string", wholetext=True)
    m = fake.last("read").read.data_source
    assert (m.format, list(m.paths), dict(m.options)) == ("text", ["p"], {"wholetext": "true"})
    spark.readStream.table("t")
    assert fake.last("read").read.is_streaming
    for function, condition in [
            (lambda r: r.load("  "), "VALUE_NOT_NON_EMPTY_STR"), (lambda r: r.json(5), "NOT_EXPECTED_TYPE"), (lambda r: r.schema(5), "NOT_EXPECTED_TYPE"),
            (lambda r: r.name("a b"), "INVALID_STREAMING_SOURCE_NAME"), (lambda r: r.name(5), "NOT_EXPECTED_TYPE"), (lambda r: r.orc("x"), "NOT_IMPLEMENTED"), (lambda r: r.table(5), "NOT_EXPECTED_TYPE")]:
        with pytest.raises(PySparkException) as caught:
            function(spark.readStream)
        assert caught.value.getCondition() == condition


def test_start(stream, fake):
    q = (stream.writeStream.outputMode("Append").format("parquet").queryName("n").trigger(processingTime=" 5 seconds ")
         .option("checkpointLocation", "c").option("path", "old").start("out", a=True))
    m = fake.last("write_stream_operation_start")
    assert (m.format, m.output_mode, m.query_name, m.path, m.processing_time_interval) == ("parquet", "Append", "n", "out", "5 seconds")
    assert dict(m.options) == {"checkpointLocation": "c", "a": "true"} and not m.HasField("foreach_batch")
    assert operations(fake) == ["write_stream_operation_start", "begin"]
    assert q.isActive and q.name == "n" and str(uuid.UUID(q.id)) == q.id and q.runId != q.id
    assert not q.awaitTermination(0.01)
    q.stop()
    q.stop()
    assert not q.isActive and q.awaitTermination() is None and q.awaitTermination(1) is True and q.exception() is None
    stream.writeStream.format("noop").trigger(None, True).start()
    assert fake.last("write_stream_operation_start").once
    stream.writeStream.format("noop").trigger(None, None, None, True).start()
    assert fake.last("write_stream_operation_start").available_now
    stream.writeStream.start(format="memory", outputMode="complete", queryName="q2")
    m = fake.last("write_stream_operation_start")
    assert (m.format, m.output_mode, m.query_name) == ("memory", "complete", "q2") and not m.HasField("path")


TRIGGERS = [
    ({}, "ONLY_ALLOW_SINGLE_TRIGGER"), ({"once": True, "availableNow": True}, "ONLY_ALLOW_SINGLE_TRIGGER"), ({"once": False}, "VALUE_NOT_ALLOWED"), ({"availableNow": False}, "VALUE_NOT_ALLOWED"),
    ({"processingTime": "abc"}, "INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER"), ({"processingTime": " "}, "VALUE_NOT_NON_EMPTY_STR"), ({"processingTime": 5}, "VALUE_NOT_NON_EMPTY_STR"),
    ({"processingTime": "1 month"}, "_LEGACY_ERROR_TEMP_3262"), ({"continuous": "abc"}, "INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER"),
]


@pytest.mark.parametrize("arguments,condition", TRIGGERS)
def test_bad_triggers(stream, arguments, condition):
    with pytest.raises(PySparkException) as caught:
        stream.writeStream.trigger(**arguments)
    assert caught.value.getCondition() == condition


@pytest.mark.parametrize("text,kind,parameters", [
    ("interval", "INPUT_IS_EMPTY", {}), ("5", "MISSING_UNIT", {"word": "5"}), ("5 parsecs", "INVALID_UNIT", {"unit": "parsecs"}), ("1 second 2", "MISSING_UNIT", {"word": "2"}),
    ("one second", "UNRECOGNIZED_NUMBER", {"number": "one"}), ("5seconds", "INVALID_VALUE", {"value": "5seconds"}), ("1.5 minutes", "INVALID_FRACTION", {"unit": "minutes"}),
    ("'1 second'", "UNRECOGNIZED_NUMBER", {"number": "'1"}), ("99999999999999999999 seconds", "ARITHMETIC_EXCEPTION", {}), ("1 us", "INVALID_UNIT", {"unit": "us"}), ("-", "MISSING_NUMBER", {"word": "-"}),
])
def test_bad_intervals(text, kind, parameters):
    with pytest.raises(PySparkException) as caught:
        check_interval(text)
    assert caught.value.getCondition() == f"INVALID_INTERVAL_FORMAT.{kind}"
    assert caught.value.getMessageParameters() == {"input": text, **parameters} and caught.value.getSqlState() == "22006"


@pytest.mark.parametrize("text", ["1.5 seconds", "1  hour 3 minutes", "interval 2 days", "+1 second", "INTERVAL 1 SECONDS", "1 week", "5 millisecond", "0 seconds"])
def test_good_intervals(text):
    check_interval(text)


@pytest.mark.parametrize("text", ["-5 minutes", "- 1 second"])
def test_negative_intervals(text):
    with pytest.raises(PySparkException, match="requirement failed"):
        check_interval(text)


def test_writer_checks(stream):
    for function, condition in [
            (lambda w: w.outputMode("nope"), "STREAMING_OUTPUT_MODE.INVALID"), (lambda w: w.outputMode(5), "VALUE_NOT_NON_EMPTY_STR"), (lambda w: w.queryName(""), "VALUE_NOT_NON_EMPTY_STR"),
            (lambda w: w.foreach(object()), "ATTRIBUTE_NOT_CALLABLE"), (lambda w: w.clusterBy("k"), "NOT_IMPLEMENTED"),
            (lambda w: w.trigger(continuous="1 second").start(), "NOT_IMPLEMENTED"), (lambda w: w.trigger(realTime="1 second").start(), "NOT_IMPLEMENTED")]:
        with pytest.raises(PySparkException) as caught:
            function(stream.writeStream)
        assert caught.value.getCondition() == condition
    with pytest.raises(PySparkException) as caught:
        stream.write
    assert caught.value.getCondition() == "CALL_ON_STREAMING_DATASET_UNSUPPORTED"
    with pytest.raises(PySparkException) as caught:
        stream.rdd
    assert caught.value.getCondition() == "_LEGACY_ERROR_TEMP_3102"


def give(fake, spark, query, rows, epoch):
    """A batch on the query's lane; gives the answer."""
    started = fake.queries[query.runId]["run"]
    frame = spark.createDataFrame(rows, "k string, v int")
    handle = str(next(fake.numbers))
    fake.frames[handle] = fake.frames[frame._id]
    number = fake.call(spark._engine.session, started["lane"], kind="foreachBatch", epoch=epoch, handle=handle,
                       schema=frame._schema_json, session=fake.clone, runId=query.runId)
    wait(lambda: any(n == number for n, _ in fake.answers))
    return handle, next(a for n, a in fake.answers if n == number)


@pytest.fixture
def clone(fake, spark):
    fake.clone = fake.open_session({"conf": {"cloned": "true"}})
    return fake.clone


def test_foreach_batch(stream, spark, fake, clone):
    seen = []

    def take(batch, number):
        seen.append([number, batch.collect(), batch.isStreaming, threading.current_thread().daemon, threading.current_thread().name])
        assert batch.sparkSession is not spark and batch.sparkSession.conf.get("cloned") == "true"

    q = stream.writeStream.foreachBatch(take).queryName("lane").start()
    m = fake.last("write_stream_operation_start")
    assert m.foreach_batch.python_function.command == b"foreachBatch" and not m.format
    handle, answer = give(fake, spark, q, [("a", 1)], 0)
    assert answer == {"ok": True} and seen[0][0] == 0 and [tuple(r) for r in seen[0][1]] == [("a", 1)] and seen[0][2] is False
    assert seen[0][3] and seen[0][4].startswith("stream execution thread for lane [id = ")
    seen.clear()
    gc.collect()
    spark.range(1)
    give(fake, spark, q, [("b", 2)], 1)
    q.stop()
    wait(lambda: not lane_threads())


def boom():
    raise ValueError("in the user's function")


RAISES = {
    "ValueError": lambda: boom(), "SystemExit": lambda: sys.exit(3), "KeyboardInterrupt": lambda: (_ for _ in ()).throw(KeyboardInterrupt()),
    "AnalysisException": lambda: None,
}


@pytest.mark.parametrize("name", RAISES)
def test_a_callback_that_raises(stream, spark, fake, clone, name):
    def take(batch, number):
        if name == "AnalysisException":
            batch.select("nope")
        RAISES[name]()

    q = stream.writeStream.foreachBatch(take).start()
    _, answer = give(fake, spark, q, [("a", 1)], 0)
    error = answer["error"]
    assert error["type"] == name and error["traceback"].startswith("Traceback (most recent call last):\n")
    assert "in take" in error["traceback"] and "_lanes.py" not in error["traceback"] and "pyspark_compat/sql" not in error["traceback"]
    if name == "ValueError":
        assert error["message"] == "in the user's function" and error["traceback"].endswith("ValueError: in the user's function\n")
    _, answer = give(fake, spark, q, [("a", 1)], 1)
    assert "error" in answer
    q.stop()


def test_a_callback_stops_its_query_and_the_session(stream, spark, fake, clone):
    made, done = [], threading.Event()

    def take(batch, number):
        other = stream.writeStream.format("noop").start()
        other.stop()
        made[0].stop()
        spark.stop()
        done.set()

    made.append(stream.writeStream.foreachBatch(take).start())
    give(fake, spark, made[0], [("a", 1)], 0)
    assert done.wait(10)
    assert not made[0].isActive and made[0].awaitTermination() is None and made[0].exception() is None
    wait(lambda: not lane_threads())


def test_console(stream, spark, fake, capsys):
    q = stream.writeStream.format("console").start()
    fake.call(spark._engine.session, fake.queries[q.runId]["run"]["lane"], kind="console", text="Batch: 0\n")
    wait(lambda: fake.answers)
    assert capsys.readouterr().out == "Batch: 0\n" and fake.answers[0][1] == {"ok": True}
    q.stop()


def test_waits_raise(stream, fake):
    q = stream.writeStream.format("noop").start()
    state = fake.queries[q.runId]
    state.update(active=False, error=FAILURE)
    state["done"].set()
    for call in (q.awaitTermination, lambda: q.awaitTermination(1), q.processAllAvailable):
        with pytest.raises(StreamingQueryException) as caught:
            call()
        assert caught.value.getCondition() == "STREAM_FAILED"
    assert isinstance(q.exception(), StreamingQueryException)
    q.stop()


@pytest.mark.parametrize("timeout", [0, -1, "str"])
def test_bad_timeouts(stream, timeout):
    q = stream.writeStream.format("noop").start()
    with pytest.raises(PySparkException) as caught:
        q.awaitTermination(timeout)
    assert caught.value.getCondition() == "VALUE_NOT_POSITIVE"
    with pytest.raises(PySparkException, match="requirement failed"):
        q.awaitTermination(0.0001)


def test_waits_come_in_slices(stream, fake, monkeypatch):
    q = stream.writeStream.format("noop").start()
    slices = []

    def query(session, request):
        slices.append(request["waitMs"])
        if len(slices) == 3:
            raise KeyboardInterrupt
        return {"done": False, "error": None}

    monkeypatch.setattr(_native, "query", query)
    with pytest.raises(KeyboardInterrupt):
        q.awaitTermination()
    assert slices == [50, 50, 50]
    monkeypatch.setattr(_native, "query", fake.query)


def test_progress(stream, fake):
    q = stream.writeStream.format("noop").start()
    assert q.lastProgress is None and q.recentProgress == []
    fake.queries[q.runId]["progress"] = [PROGRESS]
    p = q.lastProgress
    assert p() is p and q.recentProgress() == q.recentProgress and q.status() == q.status and len(q.recentProgress) == 1
    assert p["id"] == ID == str(p.id) and isinstance(p.id, uuid.UUID) and p["batchId"] == p.batchId == 3 and isinstance(p, dict)
    assert list(p) == ["id", "runId", "name", "timestamp", "batchId", "batchDuration", "durationMs", "eventTime", "stateOperators", "sources", "sink",
                       "numInputRows", "inputRowsPerSecond", "processedRowsPerSecond", "observedMetrics"]
    assert p.json == json.dumps(PROGRESS) and p.prettyJson == str(p) == repr(p) == json.dumps(PROGRESS, indent=4)
    s = p.sources[0]
    assert (s.startOffset, s.endOffset, s["numInputRows"], s.metrics) == ("null", '{"logOffset": 0}', 2, {})
    o = p.stateOperators[0]
    assert (o.operatorName, o.numRowsTotal, o.customMetrics, p.sink.numOutputRows, p.observedMetrics["m"].a) == ("stateStoreSave", 2, {"x": 1}, 1, 1)
    assert list(q.status) == ["message", "isDataAvailable", "isTriggerActive"]
    without = StreamingQueryProgress.fromJson({k: v for k, v in PROGRESS.items() if k not in ("numInputRows", "eventTime")})
    assert without.numInputRows == 2 and without.eventTime == {}


class Listener(StreamingQueryListener):
    def __init__(self):
        self.seen = []

    def onQueryStarted(self, event):
        self.seen.append(("started", event, threading.current_thread()))

    def onQueryProgress(self, event):
        self.seen.append(("progress", event, threading.current_thread()))

    def onQueryIdle(self, event):
        self.seen.append(("idle", event, threading.current_thread()))

    def onQueryTerminated(self, event):
        self.seen.append(("terminated", event, threading.current_thread()))


class Bad(Listener):
    def onQueryStarted(self, event):
        raise ValueError("no")

    onQueryProgress = onQueryTerminated = onQueryStarted


def test_listeners(stream, spark, fake, caplog):
    bad, good = Bad(), Listener()
    with caplog.at_level(logging.ERROR, "pyspark_compat"):
        spark.streams.addListener(bad)
        spark.streams.addListener(good)
        q = stream.writeStream.format("noop").queryName("heard").start()
        assert operations(fake)[-2:] == ["write_stream_operation_start", "begin"]
        kind, event, thread = good.seen[0]
        assert (kind, event.name, str(event.id), event.jobTags, thread) == ("started", "heard", q.id, set(), threading.main_thread())
        lane = fake.listeners
        fake.call(spark._engine.session, lane, kind="event", event="progress", json=PROGRESS)
        fake.call(spark._engine.session, lane, kind="event", event="idle", json={"id": ID, "runId": RUN, "timestamp": "t"})
        fake.call(spark._engine.session, lane, kind="event", event="terminated", json={"id": ID, "runId": RUN, "exception": "x", "errorClassOnException": "C"})
        wait(lambda: len(good.seen) == 4)
    assert [s[0] for s in good.seen] == ["started", "progress", "idle", "terminated"] and not fake.answers
    p = good.seen[1][1].progress
    assert p.json == json.dumps(PROGRESS, separators=(",", ":")) and p.sources[0]["startOffset"] == "None" and p.sources[0].endOffset == '{"logOffset":0}'
    assert p.prettyJson.startswith('{\n  "id" : ') and '"sources" : [ {\n    "description"' in p.prettyJson and p.sink.json == '{"description":"MemorySink","numOutputRows":1}'
    assert (good.seen[3][1].exception, good.seen[3][1].errorClassOnException) == ("x", "C")
    assert sum("raised in" in r.message for r in caplog.records) == 3
    spark.streams.removeListener(bad)
    spark.streams.removeListener(bad)
    spark.streams.removeListener(good)
    wait(lambda: not [t for t in threading.enumerate() if t.name == "streaming query listeners"])
    for call in (spark.streams.addListener, spark.streams.removeListener):
        with pytest.raises(AttributeError):
            call(5)
    with pytest.raises(TypeError):
        StreamingQueryListener()


def test_manager(stream, spark, fake):
    q = stream.writeStream.format("noop").queryName("m").start()
    assert [a.name for a in spark.streams.active] == ["m"] and spark.streams.get(q.id).runId == q.runId and spark.streams.get(uuid.UUID(q.id)).id == q.id
    assert spark.streams.get(str(uuid.uuid4())) is None
    with pytest.raises(PySparkException, match="Invalid UUID"):
        spark.streams.get("not-a-uuid")
    assert spark.streams.awaitAnyTermination(0.01) is False
    assert spark.streams.awaitAnyTermination(0) is False
    with pytest.raises(PySparkException, match="VALUE_NOT_POSITIVE"):
        spark.streams.awaitAnyTermination(-1)
    q.stop()
    assert spark.streams.awaitAnyTermination(1) and spark.streams.awaitAnyTermination() is None
    spark.streams.resetTerminated()


def test_start_again(stream, spark, fake, clone):
    seen = []
    q = stream.writeStream.foreachBatch(lambda batch, number: seen.append(number)).start()
    first = q.runId
    assert q.start() is q and q.runId == first
    q.stop()
    again = spark.streams._query({"id": q.id, "runId": q.runId, "name": None})
    assert again.start() is again and again.runId != first and again.id == q.id and again.isActive
    give(fake, spark, again, [("a", 1)], 7)
    assert seen == [7]
    again.stop()
    wait(lambda: not lane_threads())


def test_start_fails(stream, fake):
    fake.errors["write_stream_operation_start"] = fake.error("AnalysisException", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", operation="x")
    with pytest.raises(PySparkException) as caught:
        stream.writeStream.foreachBatch(print).start()
    assert caught.value.getCondition() == "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION" and not lane_threads()


def test_session_lives_on_after_a_stop(fake):
    first = SparkSession.builder.getOrCreate()
    first.stop()
    second = SparkSession.builder.getOrCreate()
    assert second is not first and second.range(1).count() == 1
    assert isinstance(second.range(1).toPandas(), pd.DataFrame)
    second.stop()
    with pytest.raises(PySparkRuntimeError, match="stopped"):
        second.sparkContext.broadcast(1)
