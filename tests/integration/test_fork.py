"""A fork of a driver has no engine: it may end, release what it holds and say so, but never hang."""


def test_a_fork_that_holds_results_collects_and_ends(script):
    assert script("""
        import gc
        spark = session(2)
        table = spark.range(100_000).select("id", F.lit("x").alias("s")).toArrow()
        frame = spark.range(5)
        pid = os.fork()
        if pid == 0:
            del frame
            assert table.num_rows == 100_000 and table.column("id")[99].as_py() == 99
            del table
            gc.collect()
            sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        assert table.num_rows == 100_000 and frame.count() == 5
        del table
        gc.collect()
        assert spark.range(3).count() == 3
        say("ok")
    """).ok() == ["ok"]


def test_a_fork_that_uses_the_session_is_told(script):
    assert script("""
        from pyspark_compat.errors import PySparkRuntimeError
        spark = session(1)
        frame = spark.range(5)
        query = spark.readStream.format("rate").load().writeStream.format("noop").start()
        uses = [lambda: frame.count(), lambda: spark.range(2), lambda: query.isActive, lambda: query.stop(), lambda: spark.conf.get("spark.app.name")]
        pid = os.fork()
        if pid == 0:
            for use in uses:
                try:
                    use()
                except PySparkRuntimeError as e:
                    assert "forked" in str(e), e
                else:
                    sys.exit(1)
            sys.exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert query.isActive
        query.stop()
        say(frame.count())
    """).ok() == ["5"]


def test_a_fork_of_a_fork_and_a_subprocess_come_to_an_end(script):
    assert script("""
        import subprocess
        spark = session(1)
        frame = spark.range(5)
        assert len(frame.select(F.udf(lambda v: v, "long")("id")).collect()) == 5
        pid = os.fork()
        if pid == 0:
            inner = os.fork()
            if inner == 0:
                sys.exit(5)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
        assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout == "1\\n"
        say(frame.count())
    """).ok() == ["5"]


POOL = """
    import multiprocessing
    from pyspark_compat.errors import PySparkRuntimeError
    def square(n):
        return n * n
    def use(n):
        try:
            return frame.count()
        except PySparkRuntimeError as e:
            return type(e).__name__ + (" forked" if "forked" in str(e) else "")
"""


def test_a_pool_of_forks_beside_a_session(script):
    assert script(POOL + """
    spark = session(1)
    frame = spark.range(5)
    plus = F.udf(lambda v: v + 1, "long")
    assert len(frame.select(plus("id")).collect()) == 5
    query = spark.readStream.format("rate").load().writeStream.foreachBatch(lambda frame, epoch: None).start()
    with multiprocessing.get_context("fork").Pool(3) as pool:
        assert pool.map(square, range(20)) == [n * n for n in range(20)]
        assert pool.map(use, range(4)) == ["PySparkRuntimeError forked"] * 4
    assert query.isActive
    query.stop()
    say(len(frame.select(plus("id")).collect()))
    """).ok() == ["5"]


def test_a_pool_of_spawned_processes_has_sessions_of_its_own(script):
    assert script(POOL + """
    def own(n):
        spark = session(1)
        return spark.range(n).select(F.udf(lambda v: v + 1, "long")("id").alias("v")).agg(F.sum("v")).collect()[0][0]
    if __name__ == "__main__":
        spark = session(1)
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
            assert pool.map(own, [3, 4]) == [6, 10]
        say(spark.range(5).count())
    """).ok() == ["5"]


def test_the_driver_outlives_its_session_in_a_fork_server(script):
    assert script(POOL + """
    def own(n):
        return session(1).range(n).count()
    if __name__ == "__main__":
        spark = session(1)
        with multiprocessing.get_context("forkserver").Pool(2) as pool:
            assert pool.map(own, [3, 4]) == [3, 4]
        say(spark.range(5).count())
    """).ok() == ["5"]


def test_a_fork_during_a_run_ends_while_the_parent_goes_on(script):
    assert script("""
        spark = session(2)
        results = []
        def work():
            for _ in range(5):
                results.append(spark.range(0, 2_000_000, 1, 2).selectExpr("sum(id)").collect()[0][0])
        thread = threading.Thread(target=work)
        thread.start()
        for _ in range(10):
            pid = os.fork()
            if pid == 0:
                sys.exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        thread.join(60)
        assert results == [sum(range(2_000_000))] * 5
        say("ok")
    """).ok() == ["ok"]
