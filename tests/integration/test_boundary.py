"""The boundary between Python and Go: what is odd crosses it whole, and what breaks behind it comes back as an exception."""


def test_a_panic_is_an_exception_and_the_process_lives(script):
    assert script("""
        from pyspark_compat import _native
        from pyspark_compat.errors import PySparkException
        spark = session(1)
        for _ in range(3):
            try:
                _native.panic("on purpose")
            except PySparkException as e:
                assert "on purpose" in str(e) and e.getCondition() == "INTERNAL_ERROR", (str(e), e.getCondition())
                say("caught")
        say(spark.range(3).count())
    """).ok() == ["caught"] * 3 + ["3"]


def test_text_of_any_kind_crosses_whole(script):
    assert script(r'''
        spark = session(1)
        same = F.udf(lambda v: v, "string")
        texts = ["", "\0", "a\0b", "\0" * 10, "ü☃😀", "\u200b", "'\"\\\n\r\t", "x" * 5_000_000, None]
        frame = spark.createDataFrame([(t,) for t in texts], "t STRING")
        assert [r[0] for r in frame.collect()] == texts
        assert [r[0] for r in frame.select(same("t")).collect()] == texts
        assert [r[0] for r in frame.select(F.length("t")).collect()] == [None if t is None else len(t) for t in texts]
        assert spark.range(1).select(F.lit("a\0b")).collect()[0][0] == "a\0b"
        assert spark.range(1).select(F.lit("y" * 1_000_000)).collect()[0][0] == "y" * 1_000_000
        odd = spark.range(1).select(F.col("id").alias("na\0me ☃ `x`"))
        assert odd.columns == ["na\0me ☃ `x`"] and odd.collect()[0][0] == 0
        table = frame.toArrow()
        assert table.column(0).to_pylist() == texts
        say("ok")
    ''').ok() == ["ok"]


def test_bytes_of_any_kind_cross_whole(script):
    assert script(r'''
        spark = session(1)
        same = F.udf(lambda v: v, "binary")
        values = [b"", b"\0", bytes(range(256)), b"\xff\xfe", b"z" * 3_000_000, None]
        frame = spark.createDataFrame([(v,) for v in values], "b BINARY")
        assert [r[0] for r in frame.collect()] == values
        assert [r[0] for r in frame.select(same("b")).collect()] == values
        say("ok")
    ''').ok() == ["ok"]


def test_empty_frames_and_frames_without_columns(script, tmp_path):
    assert script("""
        spark = session(2)
        same = F.udf(lambda v: v, "long")
        empty = spark.createDataFrame([], "v LONG, s STRING")
        assert empty.collect() == [] and empty.count() == 0 and empty.toArrow().num_rows == 0 and empty.isEmpty()
        assert empty.toArrow().column_names == ["v", "s"]
        assert empty.select(same("v")).collect() == []
        assert list(empty.toPandas().columns) == ["v", "s"]
        assert empty.groupBy().count().collect()[0][0] == 0 and empty.groupBy("v").count().collect() == []
        assert empty.head() is None and empty.take(3) == []
        none = spark.range(3).select()
        assert none.columns == [] and none.count() == 3 and none.collect() == [(), (), ()]
        assert none.toArrow().num_columns == 0
        assert none.toPandas().shape == (3, 0)
        assert spark.createDataFrame([], T.StructType([])).collect() == []
        assert none.union(none).count() == 6 and none.limit(2).count() == 2
        none.show()
        empty.show()
        say("ok")
    """).ok()[-1] == "ok"


def test_many_threads_use_one_session(script):
    assert script("""
        import concurrent.futures
        spark = session(2)
        plus = F.udf(lambda v: v + 1, "long")
        def work(n):
            frame = spark.range(n).select(plus("id").alias("v"))
            return frame.agg(F.sum("v")).collect()[0][0]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert list(pool.map(work, range(1, 41))) == [n * (n + 1) // 2 for n in range(1, 41)]
        say("ok")
    """).ok() == ["ok"]


def test_a_result_left_early_ends_its_run(script):
    assert script("""
        spark = session(1)
        it = spark.range(0, 50_000_000).toLocalIterator()
        assert [next(it)[0] for _ in range(3)] == [0, 1, 2]
        it.close()
        del it
        for _ in range(20):
            assert spark.range(0, 10_000_000).take(2) == [(0,), (1,)]
        say("ok")
    """).ok() == ["ok"]


def test_deep_expressions_cross_or_are_refused(script):
    assert script(r'''
        spark = session(1)
        deep = F.col("id")
        for _ in range(5900):
            deep = deep + 1
        assert spark.range(2).select(deep.alias("v")).collect()[1][0] == 5901
        for _ in range(20000):
            deep = deep + 1
        try:
            spark.range(2).select(deep)
        except RecursionError as e:
            say("refused")
        say(spark.range(3).count())
    ''').ok() == ["refused", "3"]


def test_numbers_out_of_all_proportion_do_not_end_the_process(script):
    """As many partitions and windows as an int can say: they are not all made before the first row is."""
    assert script(r"""
        spark = session(2)
        assert spark.range(0, 10, 1, 2147483647).count() == 10 and spark.range(0, 10, 1, 2147483647).repartition(2147483647).count() == 10
        at = F.lit("2024-01-01").cast("timestamp")
        for slide in ("1 microsecond", "1 millisecond"):
            assert len(spark.range(3).select(F.window(at, "1 day", slide).alias("w"), "id").limit(2).collect()) == 2
        assert spark.range(2).select(F.window(at, "10 seconds", "1 millisecond")).count() == 20_000
        for text in ("lpad('a', 2147483647, 'xy')", "rpad(string(id), 2147483647, 'x')", "space(int(id) + 2147483640)", "repeat('abc', 2147483647)"):
            try:
                spark.range(2).select(F.expr(text)).collect()
            except Exception as e:
                say(e.getCondition())
    """, launch=["-c", "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30)); runpy.run_path(sys.argv.pop(1), run_name='__main__')"]).ok() == [
        "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION"] * 4
