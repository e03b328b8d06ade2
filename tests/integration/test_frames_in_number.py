"""Frames cost what they add, and nothing once they are gone."""


def test_a_thousand_chained_columns_are_analysed_within_a_second(script):
    """Of the process' own time: what other processes take of the machine does not count."""
    lines = script("""
        spark = session(1)
        def chain(columns):
            frame = spark.range(1)
            began, watch = time.process_time(), time.perf_counter()
            for i in range(columns):
                frame = frame.withColumn(f"c{i}", F.col("id") + i)
            took, watched = time.process_time() - began, time.perf_counter() - watch
            assert len(frame.columns) == columns + 1
            return took, watched, frame
        chain(50)
        took, watched, frame = min((chain(1000) for _ in range(2)), key=lambda found: found[0])
        longer, _, _ = chain(2000)
        row = frame.collect()[0]
        assert row["c0"] == 0 and row["c999"] == 999
        say(f"{took:.3f} {longer:.3f} {watched:.3f}")
    """).ok()
    took, longer, watched = map(float, lines[0].split())
    print(f"\n1,000 chained withColumn: {took:.3f} s ({watched:.3f} by the clock), 2,000: {longer:.3f} s")
    assert took < 1
    # each frame tells a schema of all its columns: that grows with the square of the chain, and nothing faster
    assert longer < 6 * took


def test_ten_thousand_frames_leave_no_handle(script):
    assert script("""
        import gc
        spark = session(1)
        count = lambda: spark._engine.query("frames")["frames"]
        base = spark.range(3)
        before = count()
        for i in range(10_000):
            base.select((F.col("id") + i).alias("x"))
        gc.collect()
        spark._engine.flush()
        assert count() == before, (count(), before)
        kept = base.where("id > 0")
        assert count() == before + 1
        assert [r.id for r in kept.collect()] == [1, 2]
        say("ok")
    """).ok(120) == ["ok"]


def test_the_frames_of_callbacks_leave_no_handle(script, tmp_path):
    for n in range(5):
        (tmp_path / f"{n}.json").write_text('{"v": 1}\n')
    assert script("""
        import gc
        spark = session(1)
        count = lambda: spark._engine.query("frames")["frames"]
        rows = spark.readStream.schema("v LONG").option("maxFilesPerTrigger", 1).option("pathGlobFilter", "*.json").json(sys.argv[1])
        before, seen = count(), []
        def batch(frame, epoch):
            seen.append(frame.select(F.col("v") + 1).collect())
        query = rows.writeStream.foreachBatch(batch).trigger(availableNow=True).start()
        query.awaitTermination()
        gc.collect()
        spark._engine.flush()
        assert len(seen) == 5 and count() == before, (len(seen), count(), before)
        say("ok")
    """, tmp_path).ok() == ["ok"]
