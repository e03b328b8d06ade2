"""Jobs on RDDs in whole programs: workers that are killed, Ctrl-C, cancelling, what is kept and what goes."""

import json
import os
import signal
import threading

from processes import workers

PRELUDE = """\
import json, os, sys, threading, time
from pyspark_compat import SparkConf, SparkContext, StorageLevel, TaskContext
def context(cores=2, **settings):
    conf = SparkConf().setMaster(f"local[{cores}]").setAppName("jobs")
    for key, value in settings.items():
        conf.set(key.replace("_", "."), value)
    return SparkContext(conf=conf)
def say(*words):
    print(*words, flush=True)
def blocks():
    return sorted(name for folder, _, names in os.walk(os.environ["TMPDIR"]) if "blocks-" in folder for name in names)
"""


def program(script, body, *args, **settings):
    return script(body, *args, prelude=PRELUDE, **settings)


def test_workers_that_are_killed_cost_nothing_but_time(script):
    """SIGKILL at random moments of shuffles, persisted partitions and results: the answer is the undisturbed one."""
    driver = program(script, """
        sc = context()
        numbers = sc.parallelize(range(20000), 6).map(lambda x: (x % 101, x)).persist()
        def answer():
            sums = numbers.reduceByKey(lambda a, b: a + b, 4)
            return sorted(sums.join(numbers.groupByKey(3).mapValues(len)).map(lambda pair: (pair[0], *pair[1])).collect())
        want = answer()
        say("ready")
        for turn in range(12):
            assert answer() == want, turn
        say("same")
    """)
    driver.expect("ready")
    over = threading.Event()

    def kill():
        turn = 0
        while not over.wait(0.25):
            alive = workers(driver.pid)
            if alive:
                turn += 1
                try:
                    os.kill(sorted(alive)[turn % len(alive)], signal.SIGKILL)
                except ProcessLookupError:
                    pass

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        driver.expect("same", 120)
    finally:
        over.set()
        killer.join()


def test_ctrl_c_ends_a_job_and_not_the_context(script):
    driver = program(script, """
        sc = context()
        def endless(x):
            while True:
                pass
        try:
            say("begin")
            sc.parallelize([1, 2], 2).map(endless).collect()
        except KeyboardInterrupt:
            say("interrupted")
        say(sc.parallelize([1, 2], 2).count(), sc.statusTracker().getActiveJobsIds())
    """)
    driver.expect("begin")
    while len(workers(driver.pid)) < 2:
        pass
    os.kill(driver.pid, signal.SIGINT)
    driver.expect("interrupted")
    driver.expect("2 []")


def test_cancelling_a_group_ends_its_jobs_only(script):
    driver = program(script, """
        sc = context()
        def job(group, function):
            sc.setJobGroup(group, group)
            try:
                say(group, sc.parallelize(range(2), 1).map(function).collect())
            except Exception as error:
                say(group, type(error).__name__, "cancelled job group" in str(error))
        def wait(x):
            time.sleep(600)
        slow = threading.Thread(target=job, args=("slow", wait))
        slow.start()
        while not sc.statusTracker().getActiveStageIds():
            time.sleep(0.01)
        job("quick", lambda x: x)
        sc.cancelJobGroup("slow")
        slow.join()
        say(json.dumps([sc.statusTracker().getJobInfo(i).status for group in ("slow", "quick") for i in sc.statusTracker().getJobIdsForGroup(group)]))
    """)
    driver.expect("quick [0, 1]")
    driver.expect("slow Py4JJavaError True")
    driver.expect('["FAILED", "SUCCEEDED"]')


def test_stopping_the_context_ends_its_jobs(script):
    driver = program(script, """
        sc = context()
        def run():
            try:
                sc.parallelize([1], 1).map(lambda x: time.sleep(600)).collect()
            except Exception as error:
                say(type(error).__name__, "SparkContext was shut down" in str(error))
        job = threading.Thread(target=run)
        job.start()
        while not sc.statusTracker().getActiveStageIds():
            time.sleep(0.01)
        sc.stop()
        job.join()
        say("over", blocks())
    """)
    driver.expect("Py4JJavaError True")
    driver.expect("over []")
    assert driver.end() == 0


def test_what_nobody_names_any_more_goes(script):
    """Map outputs and kept partitions in files live as long as the RDDs that they belong to."""
    driver = program(script, """
        import gc
        sc = context(spark_memory_engine="0")
        pairs = sc.parallelize(range(100), 2).map(lambda x: (x % 5, x))
        sums = pairs.reduceByKey(lambda a, b: a + b, 2)
        kept = sums.map(lambda x: x).persist(StorageLevel.DISK_ONLY)
        kept.count(); kept.count()
        say(len([n for n in blocks() if "map" in n]), len([n for n in blocks() if "kept" in n]))
        kept.unpersist()
        say(len([n for n in blocks() if "kept" in n]))
        del kept, sums, pairs
        gc.collect()
        sc._jobs.flush()
        say(blocks())
    """)
    driver.expect("2 2")
    driver.expect("0")
    driver.expect("[]")


def test_results_that_nobody_takes_wait_in_a_file(script):
    driver = program(script, """
        sc = context()
        lists = sc._jobs.run(sc.parallelize(range(60), 6).map(lambda x: bytes([x]) * 1_000_000)._node, None, range(6))
        first = next(lists)
        nested = sc.parallelize(range(10), 2).sum()  # a slot is free, whoever reads
        rest = sum(len(elements) for _, elements in lists) + len(first[1])
        say(nested, rest, blocks())
        early = sc._jobs.run(sc.parallelize(range(100), 4)._node, None, range(4), first=3)
        say(sum(len(elements) for _, elements in early) >= 3, sc.parallelize([1]).collect())
    """)
    driver.expect("45 60 []")
    driver.expect("True [1]")


def test_lost_files_are_written_again(script):
    driver = program(script, """
        sc = context(spark_memory_engine="0")
        sums = sc.parallelize(range(100), 4).map(lambda x: (x % 5, x)).reduceByKey(lambda a, b: a + b, 3)
        kept = sums.map(lambda x: x).persist(StorageLevel.DISK_ONLY)
        want = sorted(kept.collect())
        for turn in range(3):
            for folder, _, names in os.walk(os.environ["TMPDIR"]):
                for name in names:
                    if "blocks-" in folder and (turn != 1 or "kept" in name):
                        os.remove(os.path.join(folder, name))
            assert sorted(kept.collect()) == want == sorted(sums.collect()), turn
        say("same", kept.is_cached)
    """)
    driver.expect("same True")


def test_raw_results_and_jobs_that_are_prepared(script):
    driver = program(script, """
        sc = context()
        node = sc.parallelize(range(6), 2)._node
        task = lambda split, elements: (repr((split, x)).encode() for x in elements)
        say(sorted(block for _, block in sc._jobs.run(node, task, [0, 1], raw=True))[0])
        body, attachments = sc._jobs.prepare(node, task, raw=True)
        from pyspark_compat import _native
        for call in (-1, -2):
            _native.do(sc._engine.session, "rdd.run", {**body, "call": call}, attachments)
            over, found = False, 0
            while not over:
                answer, blocks = _native.do(sc._engine.session, "rdd.next", {"call": call})
                over, found = answer["over"], found + len(blocks)
            say(found)
    """)
    driver.expect("b'(0, 0)'")
    driver.expect("6")
    driver.expect("6")


def test_what_cannot_be_pickled_is_said_before_anything_runs(script):
    driver = program(script, """
        import pickle
        sc = context()
        lock, rdd = threading.Lock(), sc.parallelize([1])
        for function in (lambda x: lock, lambda x: sc, lambda x: rdd):
            try:
                rdd.map(function).collect()
            except pickle.PicklingError as error:
                say(str(error).split(":")[0], "|", next(word for word in ("lock", "CONTEXT_ONLY", "RDD_TRANSFORM") if word in str(error)))
        say(rdd.collect())
    """)
    driver.expect("Could not serialize object | lock")
    driver.expect("Could not serialize object | CONTEXT_ONLY")
    driver.expect("Could not serialize object | RDD_TRANSFORM")
    driver.expect("[1]")


def test_a_failure_names_the_users_line(script):
    driver = program(script, """
        from py4j.protocol import Py4JJavaError
        sc = context()
        def bad(x):
            return 1 // (x - 3)
        try:
            sc.parallelize(range(8), 4).map(bad).map(str).collect()
        except Py4JJavaError as error:
            text = str(error)
            say(json.dumps([part in text for part in ("ZeroDivisionError", "return 1 // (x - 3)", "script.py", "Task 1 in stage 0.0 failed 1 times", "rdd_steps")]))
    """, launch=["-m", "pyspark_compat"])
    assert json.loads(driver.line()) == [True, True, True, True, False]


def test_an_interrupt_between_a_jobs_start_and_its_number_ends_it(script):
    driver = program(script, """
        from pyspark_compat import _native
        sc = context()
        do = _native.do
        def interrupted(session, op, *more):
            answer = do(session, op, *more)
            if op == "rdd.run":
                raise KeyboardInterrupt
            return answer
        endless = sc.parallelize([1, 2], 2).map(lambda x: time.sleep(600))
        _native.do = interrupted
        try:
            endless.collect()
        except KeyboardInterrupt:
            say("interrupted")
        _native.do = do
        say(sc.parallelize([1, 2], 2).count(), sc.statusTracker().getActiveJobsIds())
    """)
    driver.expect("interrupted")
    driver.expect("2 []")


def test_a_local_folder_that_was_swept_away_is_made_again(script):
    driver = program(script, """
        import glob, shutil
        sc = context(spark_memory_engine="0")
        numbers = sc.parallelize(range(100), 4).map(lambda x: (x % 5, x))
        sums = numbers.reduceByKey(lambda a, b: a + b, 3).persist(StorageLevel.DISK_ONLY)
        want = sorted(sums.collect())
        for folder in glob.glob(os.path.join(os.environ["TMPDIR"], "spark-compat-*")):
            shutil.rmtree(folder)
        assert sorted(sums.collect()) == want
        say("same", sorted(numbers.reduceByKey(lambda a, b: a + b, 2).collect()) == want, len(blocks()) > 0)
    """)
    driver.expect("same True True")


def test_files_go_with_the_last_name_and_not_with_a_collection_of_garbage(script):
    driver = program(script, """
        import gc
        sc = context(spark_memory_engine="0")
        def work():
            sums = sc.parallelize(range(100), 4).map(lambda x: (x % 5, x)).reduceByKey(lambda a, b: a + b, 3)
            sums.persist(StorageLevel.DISK_ONLY).count()
            say(len(blocks()) > 0)
        gc.collect()
        gc.disable()
        work()
        sc.parallelize([1], 1).count()
        say(blocks())
    """)
    driver.expect("True")
    driver.expect("[]")


def test_deep_lineages(script):
    driver = program(script, """
        sc = context()
        united = sc.parallelize([1], 1)
        for _ in range(1200):
            united = united.union(sc.parallelize([1], 1))
        united = united.coalesce(2)
        say(united.count(), united.toDebugString().count(b"UnionRDD"))
        kept = sc.parallelize([0, 1], 2)
        for _ in range(2000):
            kept = kept.map(lambda x: x + 1).persist()
        say(kept.collect(), kept.collect())
    """)
    driver.expect("1201 1200", 60)
    driver.expect("[2000, 2001] [2000, 2001]", 60)


def test_an_accumulator_that_cannot_add_is_alone_with_it(script):
    """PySpark's thread for accumulators prints the error, and the action goes on."""
    driver = program(script, """
        from pyspark_compat import AccumulatorParam
        class Bad(AccumulatorParam):
            def zero(self, value):
                return 0
            def addInPlace(self, one, other):
                if TaskContext.get() is None:
                    raise ValueError("not here")
                return one + other
        sc = context()
        bad, good = sc.accumulator(0, Bad()), sc.accumulator(0)
        def add(x):
            bad.add(x)
            good.add(x)
        sc.parallelize([1, 2, 3], 2).foreach(add)
        say(bad.value, good.value)
        sc.parallelize([1, 2, 3], 2).foreach(add)
        sc.stop()
        say(good.value)
    """)
    driver.expect("0 6")
    driver.expect("12")
    assert driver.end() == 0


def test_an_error_shows_the_call_and_one_frame_of_ours(script):
    """The user's call and the method by its name; also where one action is made of another."""
    assert program(script, """
        import traceback
        numbers = context(1).parallelize([1, 2]).map(lambda x: x // 0)
        for action in (numbers.sum, numbers.collect, lambda: numbers.reduce(max), numbers.countByValue):
            try:
                action()
            except Exception as error:
                frames = traceback.extract_tb(error.__traceback__)
                ours = [f.name for f in frames if f.filename != __file__]
                say(ours, error.__cause__ is None or str(error.__cause__))
    """).ok() == [f"['{name}'] True" for name in ("sum", "collect", "reduce", "countByValue")]
