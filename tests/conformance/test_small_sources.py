"""The sources rate, rate-micro-batch and socket."""

import socket
import threading
import time

import pytest


def wait(until, seconds=60):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come about"
        threading.Event().wait(0.02)


def batches(frame, until, **trigger):
    """The batches of a query that runs until a condition on them holds."""
    seen = []
    writer = frame.writeStream.foreachBatch(lambda d, i: seen.append([i, sorted([list(r) for r in d.collect()], key=repr)]))
    q = (writer.trigger(**trigger) if trigger else writer).start()
    while q.isActive and not until(seen):
        q.awaitTermination(0.02)
    q.stop()
    return seen


def micro(spark, **options):
    return spark.readStream.format("rate-micro-batch").options(**options).load()


def test_s1_rate_micro_batch(check, spark):
    d = micro(spark, rowsPerBatch=3, startTimestamp=1000, advanceMillisPerBatch=500)
    check(d.schema)
    check(batches(d, lambda seen: len(seen) >= 3)[:3])


@pytest.mark.parametrize("trigger", ["availableNow", "once"])
def test_r3_one_batch(check, spark, tmp_path, trigger):
    d = micro(spark, rowsPerBatch=3, startTimestamp=1000, advanceMillisPerBatch=500)
    for _ in range(2):
        seen = []
        q = d.writeStream.foreachBatch(lambda b, i: seen.append([i, sorted(list(r) for r in b.collect())])).option("checkpointLocation", str(tmp_path / "c")).trigger(**{trigger: True}).start()
        q.awaitTermination(60)
        check(seen)


def test_r3_beside_files(check, spark, feed):
    for text in ["a=1", "b=2", "c=3"]:
        feed.add(text)
    d = micro(spark, rowsPerBatch=2).selectExpr("cast(value as string) as k").union(feed.frame().select("k"))
    check(batches(d, lambda seen: False, availableNow=True))


@pytest.mark.parametrize("options", [{}, {"rowsPerBatch": 0}, {"rowsPerBatch": "x"}, {"rowsPerBatch": 1, "numPartitions": 0}, {"rowsPerBatch": 1, "startTimestamp": -1}, {"rowsPerBatch": 1, "advanceMillisPerBatch": -1}, {"rowsPerBatch": 1, "startTimestamp": "x"}])
def test_rate_micro_batch_options(check, spark, options):
    check.error(lambda: micro(spark, **options))


def test_rate_micro_batch_with_a_schema(check, spark):
    check.error(lambda: spark.readStream.format("rate-micro-batch").schema("a int").option("rowsPerBatch", 1).load())
    check.error(lambda: spark.read.format("rate-micro-batch").option("rowsPerBatch", 1).load())
    check.error(lambda: spark.read.format("rate").load())


def test_rate_has_no_gaps(check, spark, tmp_path):
    d = lambda: spark.readStream.format("rate").option("rowsPerSecond", 20).option("numPartitions", 2).load()
    got = []
    for _ in range(2):
        seen = []
        q = d().writeStream.foreachBatch(lambda b, i: seen.append([i, [r.value for r in b.collect()]])).option("checkpointLocation", str(tmp_path / "c")).trigger(processingTime="200 milliseconds").start()
        wait(lambda: sum(bool(s[1]) for s in seen) >= 2)
        q.stop()
        got += seen
    values = sorted(v for _, vs in got for v in vs)
    check([got[0], values == list(range(len(values)))])


def test_s1_rate_ramps_up(check, spark):
    seen = []
    d = spark.readStream.format("rate").option("rowsPerSecond", 10).option("rampUpTime", "5s").option("numPartitions", 1).load()
    q = d.writeStream.foreachBatch(lambda b, i: seen.append([r.value for r in b.collect()])).trigger(processingTime="1 second").start()
    while len([s for s in seen if s]) < 4:
        q.awaitTermination(0.05)
    offsets = [(int(p.sources[0].startOffset) if p.sources[0].startOffset not in ("null", "None", None) else 0, int(p.sources[0].endOffset), p.numInputRows) for p in q.recentProgress]
    q.stop()
    values = [v for s in seen for v in s]
    check([values == list(range(len(values))), q.exception()])
    total = lambda t: sum(min(i, 5) * (10 // 6) for i in range(1, t + 1)) if t <= 5 else None
    check(all(rows == total(end) - total(start) for start, end, rows in offsets if end <= 5))


@pytest.mark.parametrize("options", [{"rampUpTime": "x"}, {"rampUpTime": "-1s"}, {"rowsPerSecond": -1}, {"rowsPerSecond": "1.5"}, {"numPartitions": "x"}, {"rampUpTime": "100"}, {"rampUpTime": "1 minute"}, {"rampUpTime": "2m"}])
def test_rate_options(check, spark, options):
    check.outcome(lambda: spark.readStream.format("rate").options(**options).load().schema)


def test_rate_seconds_option_text(check, spark):
    d = spark.readStream.format("rate").option("rowsPerSecond", 3).option("rampUpTime", "2m").option("numPartitions", 3).load()
    q = d.writeStream.format("noop").trigger(once=True).start()
    q.awaitTermination(60)
    check(q.lastProgress.sources[0].description)


# -- socket ------------------------------------------------------------------------------------------------------------


class Server:
    """Serves one connection at a time; send() gives bytes to the one that is open."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.connection = None
        self.accepted = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                self.connection, _ = self.listening.accept()
            except OSError:
                return
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted += 1

    def send(self, *parts):
        wait(lambda: self.connection is not None)
        for part in parts:
            self.connection.sendall(part)
            time.sleep(0.05)

    def hang_up(self):
        self.connection.close()
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.listening.close()


@pytest.fixture
def server():
    s = Server()
    yield s
    s.close()


def lines(spark, server, **options):
    return spark.readStream.format("socket").option("host", "127.0.0.1").option("port", server.port).options(**options).load()


def read(spark, server, parts, count):
    seen = []
    q = lines(spark, server, numPartitions=1).writeStream.foreachBatch(lambda b, i: seen.extend(r.value for r in b.collect())).start()
    server.send(*parts)
    wait(lambda: len(seen) >= count or not q.isActive)
    q.stop()
    return seen


def test_s3_socket(check, spark, server):
    check(sorted(read(spark, server, [b"hello\nwor", b"ld\n\n\xc3", b"\xa9\r\n"], 4)))


def test_socket_bytes(check, spark, server):
    check(sorted(read(spark, server, [b"a\rb\r", b"\nc\n", b"\xf0\x9f", b"\x98\x80x\n", b"bad \xff\xfe end\n", b"tab\tx\n", b" \n", b"last\n"], 8)))


def test_socket_timestamps(check, spark, server):
    seen = []
    d = lines(spark, server, includeTimestamp="true")
    check(d.schema)
    q = d.writeStream.foreachBatch(lambda b, i: seen.extend(b.collect())).start()
    server.send(b"x\n")
    wait(lambda: seen)
    q.stop()
    check([seen[0].value, type(seen[0].timestamp).__name__, abs(seen[0].timestamp.timestamp() - time.time()) < 60])


def test_socket_offsets(check, spark, server):
    q = lines(spark, server).writeStream.format("noop").queryName("sock").start()
    server.send(b"one\ntwo\n")
    wait(lambda: sum(p.numInputRows for p in q.recentProgress) >= 2)
    server.send(b"three\n")
    wait(lambda: sum(p.numInputRows for p in q.recentProgress) >= 3)
    q.stop()
    p = [x for x in q.recentProgress if x.numInputRows]
    check([p[0].sources[0].description.split(", port")[0], p[-1].sources[0].endOffset, p[-1].sources[0].latestOffset, sum(x.numInputRows for x in p)])


def test_socket_lost(check, spark, server):
    seen = []
    q = lines(spark, server).writeStream.foreachBatch(lambda b, i: seen.extend(r.value for r in b.collect())).start()
    server.send(b"one\ntwo without an end")
    wait(lambda: len(seen) >= 1)
    server.hang_up()
    wait(lambda: len(seen) >= 2)
    check(seen)
    check([q.awaitTermination(0.5), q.isActive, q.exception(), server.accepted])
    q.stop()


def test_socket_refused(check, spark, api):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    q = spark.readStream.format("socket").option("host", "127.0.0.1").option("port", port).load().writeStream.format("noop").start()
    with pytest.raises(api.errors.StreamingQueryException) as caught:
        q.awaitTermination(60)
    check([caught.value.getCondition(), "Connection refused" in str(caught.value)])


def test_socket_available_now(check, spark, server):
    seen = []
    q = lines(spark, server).writeStream.foreachBatch(lambda b, i: seen.extend(r.value for r in b.collect())).trigger(availableNow=True).start()
    check([q.awaitTermination(30), q.exception(), seen])


def test_socket_restarts_on_its_checkpoint(check, spark, server, tmp_path):
    seen = []

    def start():
        return lines(spark, server, numPartitions=1).writeStream.foreachBatch(lambda b, i: seen.extend(r.value for r in b.collect())).option("checkpointLocation", str(tmp_path / "c")).start()

    q = start()
    server.send(b"one\ntwo\n")
    wait(lambda: len(seen) == 2)
    q.stop()
    accepted = server.accepted
    server.hang_up()
    q = start()
    wait(lambda: server.accepted > accepted or not q.isActive)
    if q.isActive:
        server.send(b"three\nfour\nfive\n")
        end = time.monotonic() + 5
        while q.isActive and time.monotonic() < end and len(seen) < 5:
            time.sleep(0.1)
    outcome = "goes on" if q.isActive else type(q.exception()).__name__
    q.stop()
    check([outcome in ("goes on", "StreamingQueryException"), seen[:2]])
    check(outcome, ours="goes on")
    check(sorted(seen[2:]), ours=["five", "four", "three"])


@pytest.mark.parametrize("options", [{}, {"host": "h"}, {"port": 1}, {"host": "h", "port": "x"}, {"host": "h", "port": 1, "includeTimestamp": "maybe"}])
def test_socket_options(check, spark, options):
    check.outcome(lambda: type(spark.readStream.format("socket").options(**options).load()).__name__)


def test_s4_one_time_a_batch(check, spark, feed, F):
    feed.add("a=1 b=2")
    feed.add("c=3 d=4")
    got = []
    d = feed.frame().select(F.current_timestamp().alias("t"), F.uuid().alias("u"), F.now().alias("n"), F.current_date().alias("d"), F.expr("unix_timestamp()").alias("s"), F.localtimestamp().alias("l"))
    q = d.writeStream.foreachBatch(lambda b, i: got.append(b.collect())).trigger(availableNow=True).start()
    q.awaitTermination(60)
    check([[len({r[c] for r in rows}) for c in "tunds"] for rows in got])
    check(got[0][0].t < got[1][0].t)
