"""Callbacks in the user's process: whatever they do, nothing waits for itself, and no query for another."""


def files(tmp_path, count=3, rows=4):
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for n in range(count):
        (folder / f"{n:03}.json").write_text("".join(f'{{"v": {n * rows + i}}}\n' for i in range(rows)))
    return folder


def test_a_foreach_batch_collects_a_frame_with_a_udf_on_one_core(script, tmp_path):
    assert script("""
        spark = session(1)
        plus = F.udf(lambda v: v + 1, "long")
        got = {}
        def batch(frame, epoch):
            got[epoch] = sorted(r.w for r in frame.select(plus("v").alias("w")).collect())
        rows = spark.readStream.schema("v LONG").option("maxFilesPerTrigger", 1).json(sys.argv[1])
        rows = rows.where(plus("v") > 0)
        query = rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start()
        query.awaitTermination()
        assert got == {0: [1, 2, 3, 4], 1: [5, 6, 7, 8], 2: [9, 10, 11, 12]}, got
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_a_callback_starts_another_query_while_a_listener_listens(script, tmp_path):
    assert script("""
        from pyspark_compat.sql.streaming import StreamingQueryListener
        spark = session(1)
        heard = []
        class Ear(StreamingQueryListener):
            def onQueryStarted(self, event): heard.append(("started", event.name))
            def onQueryProgress(self, event): heard.append(("progress", event.progress.name))
            def onQueryTerminated(self, event): heard.append(("terminated", str(event.runId))); ended.release()
        ended = threading.Semaphore(0)
        spark.streams.addListener(Ear())
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        inner = []
        def batch(frame, epoch):
            q = rows.writeStream.format("memory").queryName("inner").trigger(availableNow=True).start()
            q.awaitTermination()
            inner.append((q, spark.table("inner").count()))
        outer = rows.writeStream.foreachBatch(batch).queryName("outer").trigger(availableNow=True).start()
        outer.awaitTermination()
        assert inner[0][1] == 12, inner
        for _ in range(2):
            assert ended.acquire(timeout=20)
        assert ("started", "inner") in heard and ("started", "outer") in heard, heard
        assert ("progress", "inner") in heard and ("progress", "outer") in heard, heard
        assert ("terminated", str(outer.runId)) in heard and ("terminated", str(inner[0][0].runId)) in heard, heard
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_a_callback_stops_its_own_query(script):
    assert script("""
        spark = session(1)
        holder, stopped = {}, threading.Event()
        def batch(frame, epoch):
            ready.wait(20)
            holder["query"].stop()
            stopped.set()
        ready = threading.Event()
        holder["query"] = spark.readStream.format("rate").option("rowsPerSecond", 100).load().writeStream.foreachBatch(batch).start()
        ready.set()
        assert holder["query"].awaitTermination(30)
        assert stopped.wait(20)
        assert not holder["query"].isActive and holder["query"].exception() is None
        say("ok")
    """).ok() == ["ok"]


def test_a_callback_stops_the_session(script):
    assert script("""
        spark = session(1)
        done = threading.Event()
        def batch(frame, epoch):
            frame.count()
            spark.stop()
            done.set()
        query = spark.readStream.format("rate").option("rowsPerSecond", 100).load().writeStream.foreachBatch(batch).start()
        assert done.wait(30)
        query.awaitTermination()
        assert not query.isActive
        spark = session(1)
        assert spark.range(3).count() == 3
        say("ok")
    """).ok() == ["ok"]


def test_eight_sleeping_callbacks_sleep_at_once(script, tmp_path):
    # a barrier of eight passes only when all eight callbacks run at the same moment
    assert script("""
        spark = session(1)
        barrier, passed = threading.Barrier(8), []
        def batch(frame, epoch):
            frame.collect()
            barrier.wait(timeout=30)
            passed.append(epoch)
        rows = spark.readStream.schema("v LONG").option("maxFilesPerTrigger", 1).json(sys.argv[1])
        queries = [rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start() for _ in range(8)]
        for query in queries:
            query.awaitTermination()
        assert sorted(passed) == [0] * 8 + [1] * 8 + [2] * 8, passed
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_a_sleeping_callback_delays_no_other_query(script, tmp_path):
    assert script("""
        spark = session(1)
        wake, asleep = threading.Event(), threading.Event()
        def batch(frame, epoch):
            asleep.set()
            wake.wait(30)
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        slow = rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start()
        assert asleep.wait(30)
        plus = F.udf(lambda v: v + 1, "long")
        quick = rows.select(plus("v").alias("w")).writeStream.format("memory").queryName("quick").trigger(availableNow=True).start()
        quick.awaitTermination()
        assert spark.table("quick").count() == 12 and slow.isActive
        wake.set()
        slow.awaitTermination()
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_what_a_callback_raises_ends_its_query_and_shows_the_users_line(script, tmp_path):
    assert script("""
        from pyspark_compat.errors import StreamingQueryException
        spark = session(1)
        def batch(frame, epoch):
            raise ValueError("the callback's own words")
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        query = rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start()
        try:
            query.awaitTermination()
        except StreamingQueryException as e:
            assert "the callback's own words" in str(e) and "script.py" in str(e) and "in batch" in str(e), str(e)
            say("raised")
        assert query.exception() is not None and not query.isActive
        say(spark.range(2).count())
    """, files(tmp_path)).ok() == ["raised", "2"]


def test_an_exception_without_words_ends_its_query_too(script, tmp_path):
    assert script('''
        class Mute(Exception):
            def __str__(self):
                raise RuntimeError("no")
            __repr__ = __str__
        spark = session(1)
        def batch(frame, epoch):
            raise Mute()
        query = spark.readStream.schema("v LONG").json(sys.argv[1]).writeStream.foreachBatch(batch).start()
        try:
            query.processAllAvailable()
        except Exception as e:
            assert type(e).__name__ == "StreamingQueryException" and "Mute" in str(e), str(e)
            say("ended")
    ''', files(tmp_path)).ok() == ["ended"]


def test_sys_exit_in_a_callback_ends_the_query_and_not_the_driver(script, tmp_path):
    assert script("""
        from pyspark_compat.errors import StreamingQueryException
        spark = session(1)
        def batch(frame, epoch):
            sys.exit(3)
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        query = rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start()
        try:
            query.awaitTermination()
        except StreamingQueryException as e:
            assert "SystemExit" in str(e), str(e)
            say("raised")
        say(spark.range(2).count())
    """, files(tmp_path)).ok() == ["raised", "2"]


def test_a_listener_that_raises_ends_nothing(script, tmp_path):
    assert script("""
        from pyspark_compat.sql.streaming import StreamingQueryListener
        spark = session(1)
        heard, ended = [], threading.Event()
        class Broken(StreamingQueryListener):
            def onQueryStarted(self, event): raise ValueError("started")
            def onQueryProgress(self, event): raise ValueError("progress")
            def onQueryTerminated(self, event): raise ValueError("terminated")
        class Ear(StreamingQueryListener):
            def onQueryStarted(self, event): heard.append("started")
            def onQueryProgress(self, event): heard.append("progress")
            def onQueryTerminated(self, event): heard.append("terminated"); ended.set()
        spark.streams.addListener(Broken())
        spark.streams.addListener(Ear())
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        query = rows.writeStream.format("memory").queryName("t").trigger(availableNow=True).start()
        query.awaitTermination()
        assert ended.wait(30) and query.exception() is None
        assert heard[0] == "started" and heard[-1] == "terminated" and "progress" in heard, heard
        assert spark.table("t").count() == 12
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_sys_exit_in_a_listener_ends_neither_query_nor_driver(script, tmp_path):
    assert script("""
        from pyspark_compat.sql.streaming import StreamingQueryListener
        spark = session(1)
        heard, ended = [], threading.Event()
        class Leaving(StreamingQueryListener):
            def onQueryStarted(self, event): sys.exit(3)
            def onQueryProgress(self, event): sys.exit(3)
            def onQueryTerminated(self, event): sys.exit(3)
        class Ear(StreamingQueryListener):
            def onQueryStarted(self, event): heard.append("started")
            def onQueryProgress(self, event): heard.append("progress")
            def onQueryTerminated(self, event): heard.append("terminated"); ended.set()
        spark.streams.addListener(Leaving())
        spark.streams.addListener(Ear())
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        query = rows.writeStream.format("memory").queryName("t").trigger(availableNow=True).start()
        query.awaitTermination()
        assert ended.wait(30) and spark.table("t").count() == 12
        assert heard[0] == "started" and heard[-1] == "terminated" and "progress" in heard, heard
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_prints_of_callbacks_and_the_console_reach_the_current_stdout(script, tmp_path):
    assert script("""
        import io
        spark = session(1)
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        real, sys.stdout = sys.stdout, io.StringIO()
        query = rows.writeStream.foreachBatch(lambda frame, epoch: print("epoch", epoch, frame.count())).trigger(availableNow=True).start()
        query.awaitTermination()
        query = rows.writeStream.format("console").option("numRows", 1).trigger(availableNow=True).start()
        query.awaitTermination()
        said, sys.stdout = sys.stdout.getvalue(), real
        assert "epoch 0 12" in said, said
        assert "Batch: 0" in said and "|  v|" in said and "only showing top 1 row" in said, said
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_a_listener_stops_the_query_that_it_hears_of(script):
    assert script("""
        from pyspark_compat.sql.streaming import StreamingQueryListener
        spark = session(1)
        heard, ended = [], {"early": threading.Event(), "late": threading.Event()}
        names = {}
        class Stopping(StreamingQueryListener):
            def onQueryStarted(self, event):
                names[event.runId] = event.name
                if event.name == "early":
                    spark.streams.get(event.id).stop()
            def onQueryProgress(self, event):
                found = spark.streams.get(event.progress.id)
                if found is not None:
                    found.stop()
                    heard.append(found.isActive)
            def onQueryTerminated(self, event):
                ended[names[event.runId]].set()
        spark.streams.addListener(Stopping())
        stream = spark.readStream.format("rate").option("rowsPerSecond", 100).load()
        early = stream.writeStream.format("noop").queryName("early").start()
        assert early.awaitTermination(30) and early.exception() is None
        assert ended["early"].wait(30)
        late = stream.writeStream.format("noop").queryName("late").start()
        assert late.awaitTermination(30) and late.exception() is None
        assert ended["late"].wait(30) and heard == [False], heard
        say("ok")
    """).ok() == ["ok"]


def test_a_listener_stops_the_session(script):
    assert script("""
        from pyspark_compat.sql.streaming import StreamingQueryListener
        spark = session(1)
        stopped = threading.Event()
        class Stopping(StreamingQueryListener):
            def onQueryStarted(self, event): pass
            def onQueryProgress(self, event):
                spark.stop()
                stopped.set()
            def onQueryTerminated(self, event): pass
        spark.streams.addListener(Stopping())
        query = spark.readStream.format("rate").option("rowsPerSecond", 100).load().writeStream.format("noop").start()
        query.awaitTermination()
        assert stopped.wait(30) and not query.isActive
        say("ok")
    """).ok() == ["ok"]


def test_callbacks_nest(script, tmp_path):
    """A callback waits for a query whose callback waits for a third, all on one core, with Python functions in each."""
    assert script("""
        spark = session(1)
        plus = F.udf(lambda v: v + 1, "long")
        depths = []
        def start(depth, folder):
            rows = spark.readStream.schema("v LONG").json(folder).select(plus("v").alias("v"))
            def batch(frame, epoch):
                depths.append((depth, frame.select(plus("v").alias("v")).agg(F.sum("v")).collect()[0][0]))
                if depth < 3:
                    start(depth + 1, folder).awaitTermination()
            return rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start()
        start(1, sys.argv[1]).awaitTermination()
        assert depths == [(d, sum(range(12)) + 24) for d in (1, 2, 3)], depths
        say("ok")
    """, files(tmp_path)).ok() == ["ok"]


def test_stop_waits_for_a_callback_that_sleeps_and_the_session_does_not(script, tmp_path):
    assert script("""
        spark = session(1)
        asleep, wake = threading.Event(), threading.Event()
        def batch(frame, epoch):
            asleep.set()
            wake.wait()
        start = lambda: spark.readStream.schema("v LONG").json(sys.argv[1]).writeStream.foreachBatch(batch).start()
        query = start()
        assert asleep.wait(30)
        stopping = threading.Thread(target=query.stop)
        stopping.start()
        stopping.join(0.3)
        assert stopping.is_alive()
        wake.set()
        stopping.join(30)
        assert not query.isActive and query.exception() is None
        asleep.clear()
        wake.clear()
        start()
        assert asleep.wait(30)
        say(spark.range(3).count())
        spark.stop()
        wake.set()
    """, files(tmp_path)).ok() == ["3"]


def test_a_callback_has_a_session_of_its_own_with_the_views(script, tmp_path):
    assert script("""
        spark = session(1)
        spark.range(3).createOrReplaceTempView("before")
        seen = []
        def batch(frame, epoch):
            own = frame.sparkSession
            frame.createOrReplaceTempView("batch")
            seen.append((own is spark, own.sql("SELECT count(*) FROM batch").collect()[0][0], own.table("before").count()))
            own.conf.set("spark.sql.shuffle.partitions", "7")
        rows = spark.readStream.schema("v LONG").json(sys.argv[1])
        rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start().awaitTermination()
        assert seen == [(False, 12, 3)], seen
        assert spark.conf.get("spark.sql.shuffle.partitions") == "1"
        try:
            spark.table("batch")
        except Exception as e:
            say(e.getCondition())
    """, files(tmp_path)).ok() == ["TABLE_OR_VIEW_NOT_FOUND"]
