"""Many threads that start, stop and listen at once."""

HELPERS = """
from pyspark_compat.sql.streaming import StreamingQueryListener

class Kept(StreamingQueryListener):
    def __init__(self, then=lambda: None):
        self.events, self.then = [], then
    def onQueryStarted(self, event):
        self.events.append(("started", str(event.runId)))
        self.then()
    def onQueryProgress(self, event):
        self.events.append(("progress", str(event.progress.runId)))
        self.then()
    def onQueryIdle(self, event):
        pass
    def onQueryTerminated(self, event):
        self.events.append(("terminated", str(event.runId)))
        self.then()

def at_once(count, work):
    raised = []
    def run(i):
        try:
            work(i)
        except BaseException as e:
            raised.append(e)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert not any(t.is_alive() for t in threads), "a thread hangs"
    return raised

os.mkdir(sys.argv[1])
for n in range(3):
    with open(f"{sys.argv[1]}/{n}.json", "w") as f:
        f.write(f'{{"k": "a", "v": {n}}}\\n' * 50)
def rows():
    return spark.readStream.schema("k string, v int").option("maxFilesPerTrigger", 1).json(sys.argv[1])
"""


def test_fifty_queries_start_and_stop_while_listeners_come_and_go(script, tmp_path):
    """No stop is an error, and each run is told from its start to its end, once; a listener that raises disturbs none."""
    assert script(HELPERS + """
spark = session(2, spark_sql_shuffle_partitions=2)
shapes = [rows, lambda: rows().groupBy("k").count(), lambda: rows().dropDuplicates(["v"]), lambda: rows().limit(3),
          lambda: rows().select(F.udf(lambda x: x, "int")("v").alias("v")), lambda: spark.readStream.format("rate").load(),
          lambda: rows().alias("a").join(rows().alias("b"), F.expr("a.v = b.v")).select("a.v")]
kept = Kept()
spark.streams.addListener(kept)
spark.streams.addListener(Kept(lambda: 1 / 0))
started, over = [], threading.Event()
def churn():
    while not over.is_set():
        passing = Kept()
        spark.streams.addListener(passing)
        over.wait(0.002)
        spark.streams.removeListener(passing)
churner = threading.Thread(target=churn)
churner.start()
def work(i):
    writer = shapes[i % 7]().writeStream.outputMode("update" if i % 7 == 1 else "append")
    writer = [lambda: writer.format("noop"), lambda: writer.format("memory").queryName(f"q{i}"), lambda: writer.foreachBatch(lambda d, e: d.count())][i % 3]()
    query = writer.start()
    started.append(query)
    threading.Event().wait([0, 0, 0.001, 0.02, 0.1][i % 5])
    query.stop()
    assert not query.isActive and query.exception() is None, query.exception()
raised = at_once(50, work)
over.set()
churner.join()
assert not raised, raised
assert len(started) == 50 and spark.streams.active == [] and spark.streams.awaitAnyTermination(1)
def told(query):
    return [kind for kind, run in list(kept.events) if run == str(query.runId)]
end = time.monotonic() + 30
while time.monotonic() < end and not all(told(q)[-1:] == ["terminated"] for q in started):
    threading.Event().wait(0.02)
for q in started:
    events = told(q)
    assert events[0] == "started" and events[-1] == "terminated" and set(events[1:-1]) <= {"progress"}, events
say("ok")
""", tmp_path / "in").ok(120) == ["ok"]


def test_of_queries_that_start_at_once_one_has_the_name(script, tmp_path):
    assert script(HELPERS + """
spark = session(2)
for turn in range(5):
    started = []
    raised = at_once(10, lambda i: started.append(rows().writeStream.format("memory").queryName("same").start()))
    assert len(started) == 1 and len(raised) == 9, (len(started), raised)
    assert {type(e).__name__ for e in raised} == {"IllegalArgumentException"}, raised
    assert [q.name for q in spark.streams.active] == ["same"]
    started[0].stop()
assert not any(name.startswith("temporary") for name in os.listdir(os.environ["TMPDIR"])), os.listdir(os.environ["TMPDIR"])
say("ok")
""", tmp_path / "in").ok() == ["ok"]


def test_of_queries_that_start_at_once_one_has_the_checkpoint(script, tmp_path):
    """All have one id; a run that is active is stopped by the next, and of two that come together one is refused."""
    assert script(HELPERS + """
spark = session(2)
for turn in range(5):
    started = []
    raised = at_once(8, lambda i: started.append(rows().writeStream.format("noop").option("checkpointLocation", f"{sys.argv[2]}{turn}").start()))
    assert started and {e.getCondition() for e in raised} <= {"CONCURRENT_QUERY"}, raised
    assert len({q.id for q in started}) == 1 and len(spark.streams.active) == 1
    spark.streams.active[0].processAllAvailable()
    spark.streams.active[0].stop()
    assert all(q.exception() is None for q in started), [q.exception() for q in started]
say("ok")
""", tmp_path / "in", tmp_path / "checkpoint").ok() == ["ok"]
