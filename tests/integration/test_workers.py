"""Python workers: as many as the master has cores, none waits for another query's, and one that dies loses nothing."""

import os
import signal

import pytest

from processes import descendants, survivors, workers


def write(folder, count, rows):
    folder.mkdir()
    for n in range(count):
        (folder / f"{n:03}.json").write_text("".join(f'{{"k": {i % 7}, "v": {n * rows + i}}}\n' for i in range(rows)))
    return folder


def test_a_query_has_as_many_workers_as_its_master_has_cores(script, tmp_path):
    """Whatever the number of its partitions, which its checkpoint pins."""
    driver = script("""
        spark = session(2, spark_sql_shuffle_partitions=200)
        marks = sys.argv[2]
        @F.udf("long")
        def met(v):
            # a rendezvous: no batch goes on until two workers are inside the function
            open(f"{marks}/{os.getpid()}", "w").close()
            while len(os.listdir(marks)) < 2:
                threading.Event().wait(0.005)
            return v
        os.mkdir(marks)
        rows = spark.readStream.schema("k LONG, v LONG").json(sys.argv[1])
        counts = rows.groupBy("k").agg(F.sum("v").alias("v")).select("k", met("v").alias("v"))
        query = counts.writeStream.outputMode("complete").format("memory").queryName("t").trigger(availableNow=True).start()
        query.awaitTermination()
        say(json.dumps(sorted(map(list, spark.table("t").collect()))))
        say(query.lastProgress["stateOperators"][0]["numShufflePartitions"])
        sys.stdin.readline()
    """, write(tmp_path / "in", 2, 700), tmp_path / "marks")
    assert driver.line() == str([[k, sum(v for v in range(1400) if v % 700 % 7 == k)] for k in range(7)])
    driver.expect("200")
    assert len(os.listdir(tmp_path / "marks")) == 2
    assert len(workers(driver.pid)) == 2


def test_a_source_with_one_file_an_epoch_uses_no_more_workers_than_cores(script, tmp_path):
    driver = script("""
        spark = session(2, spark_sql_shuffle_partitions=200)
        plus = F.udf(lambda v: v + 1, "long")
        rows = spark.readStream.schema("k LONG, v LONG").option("maxFilesPerTrigger", 1).json(sys.argv[1])
        query = rows.select(plus("v").alias("v")).groupBy("v").count().select(plus("count").alias("c")) \\
            .writeStream.outputMode("complete").format("memory").queryName("t").trigger(availableNow=True).start()
        query.awaitTermination()
        say(spark.table("t").count())
        sys.stdin.readline()
    """, write(tmp_path / "in", 6, 50))
    driver.expect("300")
    # two Python functions in two stages, each with an instance a core
    assert len(workers(driver.pid)) <= 4


def test_a_slow_worker_blocks_no_other_query(script, tmp_path):
    driver = script("""
        spark = session(1)
        gate = sys.argv[2]
        @F.udf("long")
        def slow(v):
            open(gate + ".inside", "w").close()
            while not os.path.exists(gate):
                threading.Event().wait(0.005)
            return v
        rows = spark.readStream.schema("k LONG, v LONG").json(sys.argv[1])
        stuck = rows.select(slow("v").alias("v")).writeStream.format("memory").queryName("stuck").trigger(availableNow=True).start()
        while not os.path.exists(gate + ".inside"):
            threading.Event().wait(0.005)
        plus = F.udf(lambda v: v + 1, "long")
        for n in range(3):
            quick = rows.select(plus("v").alias("v")).writeStream.format("memory").queryName(f"q{n}").trigger(availableNow=True).start()
            quick.awaitTermination()
            assert spark.table(f"q{n}").count() == 100 and stuck.isActive
        assert len(spark.range(10).select(plus("id")).collect()) == 10
        open(gate, "w").close()
        stuck.awaitTermination()
        say(spark.table("stuck").count())
    """, write(tmp_path / "in", 1, 100), tmp_path / "gate")
    assert driver.ok() == ["100"]


def test_a_worker_killed_in_a_batch_loses_nothing(script, tmp_path):
    """In each of the first epochs the worker kills itself in the middle of its rows, once."""
    lines = script("""
        import signal
        spark = session(2)
        marks = sys.argv[2]
        os.mkdir(marks)
        @F.udf("long")
        def fragile(v):
            if v % 1000 == 500:
                try:
                    os.mkdir(f"{marks}/{v}")
                except FileExistsError:
                    return v * 2
                os.kill(os.getpid(), signal.SIGKILL)
            return v * 2
        rows = spark.readStream.schema("k LONG, v LONG").option("maxFilesPerTrigger", 1).json(sys.argv[1])
        query = rows.select("v", fragile("v").alias("w")).writeStream.format("memory").queryName("t").trigger(availableNow=True).start()
        query.awaitTermination()
        got = sorted(map(tuple, spark.table("t").collect()))
        assert got == [(v, 2 * v) for v in range(5000)], (len(got), got[:5])
        assert sorted(os.listdir(marks)) == ["1500", "2500", "3500", "4500", "500"], os.listdir(marks)
        say("ok")
    """, write(tmp_path / "in", 5, 1000), tmp_path / "marks").ok()
    assert lines == ["ok"]


def test_a_worker_killed_from_outside_loses_nothing(script, tmp_path):
    driver = script("""
        spark = session(1)
        gate = sys.argv[2]
        @F.udf("long")
        def waits(v):
            if v == 50:
                open(gate + ".inside", "w").close()
                while not os.path.exists(gate):
                    threading.Event().wait(0.005)
            return v * 2
        rows = spark.readStream.schema("k LONG, v LONG").json(sys.argv[1])
        query = rows.select("v", waits("v").alias("w")).writeStream.format("memory").queryName("t").trigger(availableNow=True).start()
        while not os.path.exists(gate + ".inside"):
            threading.Event().wait(0.005)
        say("inside")
        query.awaitTermination()
        got = sorted(map(tuple, spark.table("t").collect()))
        assert got == [(v, 2 * v) for v in range(100)], got
        say("ok")
    """, write(tmp_path / "in", 1, 100), tmp_path / "gate")
    driver.expect("inside")
    found = workers(driver.pid)
    assert len(found) == 1
    (tmp_path / "gate").touch()
    os.kill(found[0], signal.SIGKILL)
    assert driver.ok() == ["ok"]


def test_a_killed_launcher_is_replaced(script, tmp_path):
    """Its workers go with it; the run that they were in goes on in others."""
    driver = script("""
        spark = session(2)
        plus = F.udf(lambda v: v + 1, "long")
        assert len(spark.range(10).select(plus("id")).collect()) == 10
        say(os.getpid())
        sys.stdin.readline()
        say(spark.range(10).select(plus("id").alias("v")).agg(F.sum("v")).collect()[0][0])
    """)
    driver.line()
    from processes import descendants
    below = set(descendants(driver.pid))
    launchers = below - set(workers(driver.pid))
    assert len(launchers) == 1
    os.kill(launchers.pop(), signal.SIGKILL)
    driver.go()
    assert driver.ok() == ["55"]


def test_a_worker_that_always_dies_ends_the_query_by_name(script, tmp_path):
    assert script("""
        from pyspark_compat.errors import PySparkException
        import signal
        spark = session(1)
        deadly = F.udf(lambda v: os.kill(os.getpid(), signal.SIGKILL), "long")
        try:
            spark.range(3).select(deadly("id")).collect()
        except PySparkException as e:
            say(e.getCondition(), "killed" in str(e) or "SIGKILL" in str(e) or str(e))
        say(len(spark.range(3).select(F.udf(lambda v: v, "long")("id")).collect()))
    """).ok() == ["PYTHON_WORKER_DIED True", "3"]


@pytest.mark.parametrize("ending", ["return v", "raise ValueError(v)", "os.execvp('true', ['true'])"])
def test_a_fork_in_a_function_is_no_worker(script, ending):
    """The child goes on in the worker's own code where the function ends; what it says there is nobody's answer."""
    running = script(f"""
        def forks(v):
            if os.fork() == 0:
                {ending}
            return v + 1
        spark = session(2)
        same = F.udf(lambda v: v, "long")
        for _ in range(5):
            assert [r[0] for r in spark.range(6).select(F.udf(forks, "long")("id")).collect()] == [1, 2, 3, 4, 5, 6]
            assert [r[0] for r in spark.range(6).select(same("id")).collect()] == [0, 1, 2, 3, 4, 5]
        say("done")
        sys.stdin.readline()
    """)
    running.expect("done")
    assert survivors([child for worker in workers(running.pid) for child in descendants(worker)], 20) == []
    running.go()
    running.ok()
