"""State: its readers, its providers, and what a restart with another query gives."""

import os
import re
import shutil

import pytest
from streams import SCHEMA, Feed

ROCKS = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"
PROVIDER = "spark.sql.streaming.stateStore.providerClass"
TEXTS = ["a@00:01=1 b@00:05=2", "a@00:30=5 c@00:31=1", "a@01:30=7 d@01:31=1"]


@pytest.fixture(autouse=True)
def settings(spark):
    before = spark.conf.get("spark.sql.shuffle.partitions")
    yield
    spark.conf.unset(PROVIDER)
    spark.conf.set("spark.sql.shuffle.partitions", before)


@pytest.fixture(params=["memory", "disk"])
def provider(request, spark):
    """Both stores, with the same answers."""
    if request.param == "disk":
        spark.conf.set(PROVIDER, ROCKS)
    return request.param


class Job:
    """A query over its own files and checkpoint, run by availableNow as often as asked."""

    def __init__(self, spark, folder):
        self.spark, self.folder = spark, folder
        self.checkpoint = str(folder / "checkpoint")
        self.feeds = {}

    def source(self, name="in"):
        if name not in self.feeds:
            self.feeds[name] = Feed(self.spark, self.folder / name)
            for text in TEXTS:
                self.feeds[name].add(text)
        return self.spark.readStream.schema(SCHEMA).option("maxFilesPerTrigger", 1).json(str(self.folder / name))

    def more(self):
        for feed in self.feeds.values():
            feed.add("a@02:30=1 e@02:31=1")

    def run(self, frame, mode="append"):
        query = (frame.writeStream.format("noop").outputMode(mode).option("checkpointLocation", self.checkpoint)
                 .trigger(availableNow=True).start())
        query.awaitTermination()
        return [p["batchId"] for p in query.recentProgress]

    def state(self, **options):
        return self.spark.read.format("statestore").options(**options).load(self.checkpoint)


@pytest.fixture
def job(spark, tmp_path):
    return Job(spark, tmp_path)


@pytest.mark.only_ours("PySpark's provider would need its change log switched on")
def test_change_feed_on_disk(job, F, spark):
    feeds = []
    for name in ("org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider", ROCKS):
        spark.conf.set(PROVIDER, name)
        job.checkpoint = str(job.folder / name)
        job.run(windowed(F, job))
        feeds.append(content(job.state(readChangeFeed=True, changeStartBatchId=0)))
    assert feeds[0] == feeds[1] and len(feeds[0]) == 10, feeds


def late(job, name="in"):
    return job.source(name).withWatermark("ts", "10 seconds")


def windowed(F, job):
    return (late(job).groupBy(F.window("ts", "10 seconds"), "k")
            .agg(F.count("*").alias("n"), F.sum("v").alias("s"), F.avg("v").alias("av"), F.max("v").alias("m")))


def content(frame):
    """Rows without the partition, whose number is by the implementation's own hash."""
    return sorted(([list(r)[:-1] for r in frame.collect()]), key=repr)


def test_r2_statestore_of_an_aggregation(check, job, F, provider):
    check(job.run(windowed(F, job)))
    check(job.state().schema.simpleString())
    check(content(job.state()))
    for batch in range(4):
        check(content(job.state(batchId=batch)))
    check(job.state().select("key.k", "value.max").collect())
    check(job.state().where("value.max > 1").select("key.window.start").collect())
    check(sorted({r.partition_id for r in job.state().collect()} - {0, 1}))
    check(job.spark.read.format("statestore").option("path", job.checkpoint).load().count())


def test_r2_statestore_of_dropduplicates(check, job, provider):
    check(job.run(late(job).dropDuplicates(["k"])))
    check(job.state().schema.simpleString())
    check(content(job.state()))


def test_r2_statestore_of_dropduplicates_by_time(check, job, provider):
    check(job.run(late(job).dropDuplicates(["k", "ts"])))
    check(job.state().schema.simpleString())
    check(content(job.state()))
    check(content(job.state(batchId=0)))


def test_r2_statestore_of_dropduplicates_within_watermark(check, job, provider):
    check(job.run(late(job).dropDuplicatesWithinWatermark(["k"])))
    check(job.state().schema.simpleString())
    check(content(job.state()))


def test_r2_statestore_of_a_limit(check, job, provider):
    check(job.run(job.source().limit(3)))
    check(job.state().schema.simpleString())
    check(content(job.state()))


def test_r2_change_feed(check, job, F):
    job.run(windowed(F, job))
    feed = job.state(readChangeFeed=True, changeStartBatchId=0)
    check(feed.schema.simpleString())
    check(content(feed))
    check(content(job.state(readChangeFeed=True, changeStartBatchId=1, changeEndBatchId=2)))


def test_r2_change_feed_of_a_stateful_query_without_eviction(check, job, F):
    job.run(job.source().groupBy("k").agg(F.count("*").alias("n"), F.min("v").alias("m")), "update")
    check(content(job.state(readChangeFeed=True, changeStartBatchId=0)))
    check(content(job.state(batchId=1)))


def test_r2_state_metadata(check, job, F):
    job.run(windowed(F, job))
    frame = job.spark.read.format("state-metadata").load(job.checkpoint)
    check(frame.schema)
    check([list(r) for r in frame.collect()])
    check(frame.where("operatorName = 'stateStoreSave'").select("maxBatchId", "numPartitions").collect())


@pytest.mark.parametrize("make", ["dropDuplicates", "dropDuplicatesWithinWatermark", "limit"])
def test_r2_state_metadata_of_other_operators(check, job, make):
    frame = late(job)
    job.run(frame.limit(3) if make == "limit" else getattr(frame, make)(["k"]))
    check([list(r) for r in job.spark.read.format("state-metadata").load(job.checkpoint).collect()])


def test_state_metadata_of_nothing(check, check_error, job, spark, tmp_path):
    job.run(job.source())
    check(spark.read.format("state-metadata").load(job.checkpoint).collect())
    check(spark.read.format("state-metadata").load(str(tmp_path / "nothing")).collect())
    check_error(lambda: spark.read.format("state-metadata").load().collect())
    check_error(lambda: spark.readStream.format("state-metadata").load(job.checkpoint))
    check_error(lambda: job.state())


OPTIONS = [{"batchId": -1}, {"batchId": "x"}, {"batchId": 99}, {"operatorId": 1}, {"operatorId": -1}, {"storeName": ""}, {"joinSide": "left"},
           {"joinSide": "middle"}, {"joinSide": "left", "storeName": "x"}, {"readChangeFeed": True}, {"readChangeFeed": "yes"},
           {"readChangeFeed": True, "changeStartBatchId": -1}, {"readChangeFeed": True, "changeStartBatchId": 2, "changeEndBatchId": 1},
           {"changeStartBatchId": 0}, {"changeEndBatchId": 0}, {"readChangeFeed": True, "changeStartBatchId": 0, "batchId": 1},
           {"readChangeFeed": True, "changeStartBatchId": 0, "joinSide": "left"}, {"stateVarName": "x"}, {"readRegisteredTimers": True}]


def refused(act):
    """What an option is refused with: the class, the condition and the option's name; the rest is in words."""
    with pytest.raises(Exception) as caught:
        act()
    error = caught.value
    if not hasattr(error, "getCondition") or error.getCondition() is None:
        return [type(error).__name__]
    return [type(error).__name__, error.getCondition(), error.getMessageParameters().get("optionName")]


def test_statestore_options(check, check_error, job, F, spark, tmp_path):
    job.run(windowed(F, job))
    for options in OPTIONS:
        check(refused(lambda options=options: job.state(**options)))
    check_error(lambda: spark.read.format("statestore").load())
    check_error(lambda: spark.read.format("statestore").load(str(tmp_path / "nothing")))
    check_error(lambda: spark.read.format("statestore").schema("a int").load(job.checkpoint))
    check_error(lambda: spark.readStream.format("statestore").load(job.checkpoint))
    check(job.state(flattenCollectionTypes=False, whatever=1).count())


def test_statestore_while_the_query_runs(check, job, F, provider):
    frame = windowed(F, job)
    query = frame.writeStream.format("noop").option("checkpointLocation", job.checkpoint).start()
    try:
        for _ in range(3):
            query.processAllAvailable()
            last = query.lastProgress["batchId"]
            check(content(job.state(batchId=last)))
            job.more()
    finally:
        query.stop()


# what a restart with another query gives

FIRST_AND_SECOND = {
    "the same": (lambda F, j: windowed(F, j), lambda F, j: windowed(F, j)),
    "operator removed": (lambda F, j: windowed(F, j), lambda F, j: late(j)),
    "operator added": (lambda F, j: late(j), lambda F, j: windowed(F, j)),
    "another operator": (lambda F, j: windowed(F, j), lambda F, j: late(j).dropDuplicates(["k", "ts"])),
    "within watermark": (lambda F, j: late(j).dropDuplicates(["k"]), lambda F, j: late(j).dropDuplicatesWithinWatermark(["k"])),
    "key added": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(), lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k", "v").count()),
    "key removed": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(), lambda F, j: late(j).groupBy(F.window("ts", "10 seconds")).count()),
    "key of another type": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(),
                            lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), F.col("v").alias("k")).count()),
    "key renamed": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(),
                    lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), F.col("k").alias("kk")).count()),
    "aggregate added": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(), lambda F, j: windowed(F, j)),
    "aggregate removed": (lambda F, j: windowed(F, j), lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count()),
    "aggregate of another type": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum("v")),
                                  lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").agg(F.sum(F.col("v").cast("double")))),
    "aggregate of the same type": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").agg(F.max("v")),
                                   lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").agg(F.min("v"))),
    "window of another length": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(),
                                 lambda F, j: late(j).groupBy(F.window("ts", "20 seconds"), "k").count()),
    "delay": (lambda F, j: late(j).groupBy(F.window("ts", "10 seconds"), "k").count(),
              lambda F, j: j.source().withWatermark("ts", "20 seconds").groupBy(F.window("ts", "10 seconds"), "k").count()),
    "fewer dedup keys": (lambda F, j: late(j).dropDuplicates(["k", "ts"]), lambda F, j: late(j).dropDuplicates(["k"])),
    "dedup keys of another type": (lambda F, j: late(j).dropDuplicates(["k", "ts"]), lambda F, j: late(j).dropDuplicates(["v", "ts"])),
    "source added": (lambda F, j: late(j).dropDuplicates(["k"]), lambda F, j: late(j).union(late(j, "more")).dropDuplicates(["k"])),
    "source removed": (lambda F, j: late(j).union(late(j, "more")).dropDuplicates(["k"]), lambda F, j: late(j).dropDuplicates(["k"])),
    "source of another folder": (lambda F, j: late(j).dropDuplicates(["k"]), lambda F, j: late(j, "more").dropDuplicates(["k"])),
    "stateless source added": (lambda F, j: j.source(), lambda F, j: j.source().union(j.source("more"))),
    "stateless source removed": (lambda F, j: j.source().union(j.source("more")), lambda F, j: j.source()),
    "limit of another number": (lambda F, j: j.source().limit(3), lambda F, j: j.source().limit(4)),
    "limit removed": (lambda F, j: j.source().limit(3), lambda F, j: j.source()),
}


def restarted(act):
    """The batches of a run, or the condition that ended it."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001
        found = re.search(r"terminated with exception: (?:\[([A-Z_.]+)\])?", str(error))
        return [type(error).__name__, found and found.group(1)]


@pytest.mark.parametrize("change", FIRST_AND_SECOND)
def test_restart_with(check, job, F, change):
    first, second = FIRST_AND_SECOND[change]
    check(job.run(first(F, job)))
    job.more()
    check(restarted(lambda: job.run(second(F, job))))


@pytest.mark.parametrize("first, second", [("append", "update"), ("update", "append"), ("update", "complete"), ("complete", "update")])
def test_restart_in_mode(check, job, F, first, second):
    make = lambda: late(job).groupBy(F.window("ts", "10 seconds"), "k").count()  # noqa: E731
    check(job.run(make(), first))
    job.more()
    check(restarted(lambda: job.run(make(), second)))


def test_restart_with_other_partitions(check, job, F, spark):
    job.run(windowed(F, job))
    job.more()
    spark.conf.set("spark.sql.shuffle.partitions", "5")
    check(job.run(windowed(F, job)))
    check(content(job.state()))
    check([r.numPartitions for r in spark.read.format("state-metadata").load(job.checkpoint).collect()])


@pytest.mark.parametrize("first, second", [("memory", "disk"), ("disk", "memory")])
def test_restart_with_another_provider(check, job, F, spark, first, second):
    names = {"memory": "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider", "disk": ROCKS}
    spark.conf.set(PROVIDER, names[first])
    job.run(windowed(F, job))
    job.more()
    spark.conf.set(PROVIDER, names[second])
    check(job.run(windowed(F, job)))
    check(content(job.state()))
    check(spark.conf.get(PROVIDER))


@pytest.mark.parametrize("name", ["com.example.Nothing", "java.lang.String", "rocksdb"])
def test_provider_that_is_none(check, job, F, spark, name):
    spark.conf.set(PROVIDER, name)
    check(restarted(lambda: job.run(windowed(F, job))))


def test_provider_that_is_none_without_state(check, job, spark):
    spark.conf.set(PROVIDER, "com.example.Nothing")
    check(job.run(job.source()))


def test_restart_without_the_state_folder(check, job, F):
    job.run(windowed(F, job))
    job.more()
    shutil.rmtree(os.path.join(job.checkpoint, "state"))
    check(restarted(lambda: job.run(windowed(F, job))))


@pytest.mark.only_ours("what lies under state/ is our own form")
def test_r2_checkpoint_names_our_provider(job, F, spark):
    for text, own in (("org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider", "pysparkcompat.state.ChangeLogStateStoreProvider"),
                      (ROCKS, "pysparkcompat.state.PebbleStateStoreProvider")):
        spark.conf.set(PROVIDER, text)
        job.checkpoint = str(job.folder / own)
        job.run(windowed(F, job))
        with open(os.path.join(job.checkpoint, "offsets", "0")) as log:
            assert f'"{PROVIDER}":"{own}"' in log.read()
        assert spark.conf.get(PROVIDER) == text
        assert not [name for name in os.listdir(os.path.join(job.checkpoint, "state")) if name.startswith(("rows-", "read-"))]
