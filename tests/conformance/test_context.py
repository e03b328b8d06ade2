"""SparkContext: collections, jobs, groups, tags, properties, added files, settings."""
import os
import shutil
import sys
import threading
import zipfile

import pytest
from contexts import refusal, write


@pytest.fixture
def sc(spark):
    context = spark.sparkContext
    yield context
    for key in ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel", "spark.job.tags"):
        context.setLocalProperty(key, None)


@pytest.mark.parametrize("count,parts", [(10, 3), (7, 4), (3, 5), (0, 2), (5, 1), (2049, 2)])
def test_parallelize(check, sc, count, parts):
    check(sc.parallelize(list(range(count)), parts).glom().map(lambda p: (len(p), p[:2])).collect())
    check(sc.parallelize(range(count), parts).glom().map(lambda p: (len(p), p[:2])).collect())


def test_parallelize_kinds(check, sc):
    check(sc.parallelize({"a": 1, "b": 2}, 2).glom().collect())
    check(sorted(sc.parallelize({1, 2, 3}, 2).collect()))
    check(sc.parallelize((i for i in range(5)), 2).glom().collect())
    check(sc.parallelize("abcde", 2).glom().collect())
    check(sc.parallelize([lambda: 5]).map(lambda f: f()).collect())
    check(refusal(lambda: sc.parallelize(5)))
    check(refusal(lambda: sc.parallelize([1, 2], 0)))
    check(refusal(lambda: sc.parallelize(range(3), 0)))
    check(refusal(lambda: sc.parallelize([1, 2], -1).collect()))
    check(refusal(lambda: sc.parallelize([threading.Lock()]))[0])


def test_range(check, sc):
    for args in ((5,), (2, 4), (1, 7, 2), (5, 0, -2), (3, 3), (0, 10, 3, 4)):
        check(sc.range(*args, **({} if len(args) == 4 else {"numSlices": 3})).glom().collect())
    check(refusal(lambda: sc.range(5, 0, 0)))


def test_union_and_empty(check, sc):
    check([sc.emptyRDD().getNumPartitions(), sc.emptyRDD().collect(), sc.emptyRDD().isEmpty()])
    check(sc.union([sc.parallelize([1, 2], 2), sc.parallelize([3], 1), sc.emptyRDD()]).glom().collect())
    check(refusal(lambda: sc.union([])))
    alike = [sc.parallelize(pairs).partitionBy(2) for pairs in ([(1, 2), (2, 3)], [(1, 5)])]
    check([sorted(part) for part in sc.union(alike).glom().collect()])
    check(sc.union([sc.parallelize([1]), sc.parallelize(["a"]), sc.range(2)]).collect())


def test_run_job(check, sc):
    made = sc.parallelize(range(6), 3)
    check(sc.runJob(made, lambda it: [x * x for x in it]))
    check(sc.runJob(made, lambda it: [x * x for x in it], [0, 2], True))
    check(sc.runJob(made, lambda it: (x for x in it), [2, 0, 2]))
    check(refusal(lambda: sc.runJob(made, lambda it: it, [5])))


def test_local_properties(check, sc, api):
    task = api.root.TaskContext
    from_task = lambda key: sc.parallelize([1], 1).map(lambda x: task.get().getLocalProperty(key)).collect()
    sc.setLocalProperty("k", "v")
    check([sc.getLocalProperty("k"), sc.getLocalProperty("nope"), from_task("k"), from_task("nope")])
    sc.setLocalProperty("k", None)
    check([sc.getLocalProperty("k"), from_task("k")])
    sc.setJobGroup("g1", "words", True)
    check([sc.getLocalProperty(f"spark.{key}") for key in ("jobGroup.id", "job.description", "job.interruptOnCancel")])
    check(from_task("spark.jobGroup.id"))
    sc.setJobDescription("others")
    check(sc.getLocalProperty("spark.job.description"))


def test_tags(check, sc):
    sc.addJobTag("t1")
    sc.addJobTag("t2")
    check([sorted(sc.getJobTags()), sc.getLocalProperty("spark.job.tags")])
    sc.removeJobTag("t1")
    check(sorted(sc.getJobTags()))
    sc.clearJobTags()
    check([sorted(sc.getJobTags()), sc.getLocalProperty("spark.job.tags")])
    for tag in ("a,b", "", None):
        check(refusal(lambda: sc.addJobTag(tag)))


def test_threads(check, sc, api):
    sc.setLocalProperty("k", "mine")
    seen = []
    look = lambda: seen.append(sc.getLocalProperty("k"))
    for make in (lambda: threading.Thread(target=look), lambda: api.root.InheritableThread(target=look),
                 lambda: threading.Thread(target=api.root.inheritable_thread_target(look))):
        thread = make()
        thread.start()
        thread.join()
    sc.setLocalProperty("k", None)
    check(seen)


def waits(sc, api, start, cancel):
    """Starts a job that waits in another thread, cancels it, and gives what was known of it and what it raised."""
    import time

    raised, tracker = [], sc.statusTracker()

    def run():
        start()
        raised.append(refusal(lambda: sc.parallelize(range(2), 2).map(lambda x: time.sleep(100)).collect()))

    thread = api.root.InheritableThread(target=run)
    thread.start()
    while not tracker.getActiveStageIds():
        assert thread.is_alive() or raised
        time.sleep(0.05)
    known = [[tracker.getJobInfo(job).status for job in tracker.getActiveJobsIds()],
             [tracker.getStageInfo(stage).numTasks for stage in tracker.getActiveStageIds()]]
    cancel()
    thread.join(30)
    return known, raised, tracker.getActiveJobsIds()


def test_cancel(check, sc, api):
    check(waits(sc, api, lambda: sc.setJobGroup("gg", "words", True), lambda: sc.cancelJobGroup("gg")))
    check(waits(sc, api, lambda: (sc.setInterruptOnCancel(True), sc.addJobTag("tt")), lambda: sc.cancelJobsWithTag("tt")))
    check(waits(sc, api, lambda: sc.setInterruptOnCancel(True), sc.cancelAllJobs))
    check([sc.cancelJobGroup("none"), sc.cancelJobsWithTag("none")])


def test_status(check, sc):
    tracker = sc.statusTracker()
    sc.setJobGroup("counted", "words")
    sc.parallelize([(1, 2)] * 5, 3).reduceByKey(max, 2).collect()
    jobs = tracker.getJobIdsForGroup("counted")
    info = tracker.getJobInfo(jobs[0])
    check([len(jobs), info.status, len(list(info.stageIds)), info.jobId == jobs[0]])
    stages = sorted((tracker.getStageInfo(stage) for stage in info.stageIds), key=lambda s: s.stageId)
    check([list(stage)[3:] + [stage.currentAttemptId] for stage in stages])
    check([tracker.getJobInfo(99999), tracker.getStageInfo(99999), tracker.getJobIdsForGroup("nope")])
    check(len(tracker.getExecutorInfos()))
    sc.parallelize([1]).count()
    check(len(tracker.getJobIdsForGroup("counted")))


def test_added_files(check, sc, api, tmp_path):
    path = write(tmp_path, "added1.txt", "100")
    sc.addFile(path)
    sc.addFile(path)
    check([name for name in sc.listFiles if name.endswith("added1.txt")])
    files = api.root.SparkFiles
    check([open(files.get("added1.txt")).read(), os.path.dirname(files.get("added1.txt")) == files.getRootDirectory()])
    check(sc.parallelize([1], 1).map(lambda x: open(files.get("added1.txt")).read()).collect())
    write(tmp_path, "tree/a.txt", "A")
    write(tmp_path, "tree/sub/b.txt", "B")
    sc.addFile(str(tmp_path / "tree"), True)
    check(sc.parallelize([1], 1).map(lambda x: sorted(os.listdir(files.get("tree")))).collect())


@pytest.mark.only_ours("PySpark lists a file before it finds out that it cannot add it, and every later job fails of it")
def test_added_file_refusals(sc, tmp_path):
    path = write(tmp_path, "refused1.txt", "1")
    sc.addFile(path)
    for call, said in ((lambda: sc.addFile(str(tmp_path / "nope")), "does not exist"), (lambda: sc.addFile(str(tmp_path)), "DIRECTORY"),
                       (lambda: sc.addFile(write(tmp_path, "other/refused1.txt", "2")), "refused1.txt"),
                       (lambda: sc.addPyFile(str(tmp_path / "nope.py")), "does not exist"),
                       (lambda: sc.addFile("hdfs://host/file"), "NOT_IMPLEMENTED"),
                       (lambda: sc.addArchive(str(tmp_path / "nope.zip")), "does not exist")):
        with pytest.raises(Exception, match=said):
            call()
    assert sc.parallelize([1]).collect() == [1]


def test_added_code(check, sc, tmp_path):
    sc.addPyFile(write(tmp_path, "added_module_q.py", "X = 41\n"))
    import added_module_q

    check([added_module_q.X, sc.parallelize([1], 1).map(lambda x: __import__("added_module_q").X).collect()])
    with zipfile.ZipFile(tmp_path / "added_zip_q.zip", "w") as made:
        made.writestr("added_package_q/__init__.py", "Y = 7\n")
    sc.addPyFile(str(tmp_path / "added_zip_q.zip"))
    check([__import__("added_package_q").Y, sc.parallelize([1], 1).map(lambda x: __import__("added_package_q").Y).collect()])
    check(any(p.endswith("added_zip_q.zip") for p in sys.path))


def test_archives(check, sc, api, tmp_path):
    with zipfile.ZipFile(tmp_path / "arc1.zip", "w") as made:
        made.writestr("q.txt", "qq")
    sc.addArchive(str(tmp_path / "arc1.zip"))
    shutil.copy(tmp_path / "arc1.zip", tmp_path / "arc2.zip")
    sc.addArchive(str(tmp_path / "arc2.zip") + "#other")
    files = api.root.SparkFiles
    check(sorted(sc.listArchives))
    check(sc.parallelize([1], 1).map(lambda x: [os.listdir(files.get(name)) for name in ("arc1.zip", "other")]).collect())


def test_settings(check, sc, api):
    conf = sc.getConf()
    check([conf.get("spark.master"), conf.get("spark.app.name"), conf.contains("spark.app.id"), conf.get("nope"), conf.get("nope", "d")])
    made = api.root.SparkConf(False).set("spark.b", 2).set("spark.a", True).setIfMissing("spark.a", "no")
    check([made.toDebugString(), made.get("spark.a"), sorted(made.getAll()), made.contains("spark.c")])
    made = api.root.SparkConf(False).setMaster("local").setAppName("n").setSparkHome("/h").setExecutorEnv("X", "1")
    check(sorted(made.setExecutorEnv(pairs=[("Y", "2")]).setAll([("spark.z", 3)]).getAll()))
    check.error(lambda: made.setExecutorEnv("a", "b", pairs=[("c", "d")]))
    sc.setSystemProperty("spark.system.q", "x1")
    check([sc.getSystemProperty("spark.system.q"), sc.getSystemProperty("spark.system.nope"), api.root.SparkConf().get("spark.system.q")])


def test_what_it_is(check, sc, api, tmp_path):
    check([sc.version, sc.uiWebUrl, sc.applicationId.startswith("local-"), sc.defaultParallelism, sc.defaultMinPartitions, sc.resources])
    check([sc.startTime > 1e12, repr(sc), sc.pythonVer == "%d.%d" % sys.version_info[:2], sc.master, sc.appName, sc.sparkHome])
    check(sc.getCheckpointDir() is None or sc.getCheckpointDir().startswith("file:"))
    sc.setCheckpointDir(str(tmp_path / "cp"))
    check([sc.getCheckpointDir(), os.path.isdir(sc.getCheckpointDir()[len("file:"):])])
    check.error(sc.show_profiles)
    check.error(lambda: sc.dump_profiles(str(tmp_path)))
    check(refusal(lambda: api.root.SparkContext("local")))
    check(api.root.SparkContext.getOrCreate() is sc)


def test_closures_that_hold_the_driver(check, sc):
    check(refusal(lambda: sc.parallelize([1]).map(lambda x: sc.parallelize([x])).collect()))
    other = sc.parallelize([1])
    check(refusal(lambda: sc.parallelize([1]).map(lambda x: other.count()).collect()))
    check(refusal(lambda: sc.broadcast(sc)))
    check(refusal(lambda: sc.broadcast(other)))
    lock = threading.Lock()
    check(refusal(lambda: sc.parallelize([1]).map(lambda x: lock).collect()))
