"""Settings of a session: what they are unless set, what refuses to change, SET and RESET."""

import pytest

READ = """spark.sql.ansi.enabled spark.sql.streaming.pollingDelay spark.sql.streaming.stopTimeout spark.sql.streaming.noDataProgressEventInterval
spark.sql.streaming.fileSink.log.cleanupDelay spark.sql.streaming.checkpointLocation spark.sql.adaptive.enabled spark.sql.adaptive.skewJoin.enabled
spark.sql.adaptive.advisoryPartitionSizeInBytes spark.sql.adaptive.optimizer.excludedRules spark.sql.autoBroadcastJoinThreshold spark.sql.broadcastTimeout
spark.sql.execution.arrow.pyspark.enabled spark.sql.execution.arrow.pyspark.fallback.enabled spark.sql.files.maxPartitionBytes spark.sql.cbo.enabled
spark.sql.streaming.metricsEnabled spark.sql.extensions spark.sql.inMemoryColumnarStorage.batchSize spark.sql.ui.retainedExecutions
spark.executor.memory spark.yarn.queue spark.hadoop.fs.defaultFS spark.no.such spark.sql.no.such""".split()

CHANGED = {"spark.executor.memory": "1g", "spark.driver.memory": "1g", "spark.serializer": "x", "spark.jars.packages": "a:b:1", "spark.ui.port": "1",
           "spark.eventLog.enabled": "true", "spark.shuffle.compress": "false", "spark.task.cpus": "2", "spark.dynamicAllocation.enabled": "true",
           "spark.yarn.queue": "q", "spark.hadoop.fs.s3a.access.key": "k", "spark.kubernetes.namespace": "n", "spark.local.dir": "/x", "spark.master": "x",
           "spark.sql.extensions": "x", "spark.sql.ui.retainedExecutions": "5", "spark.sql.shuffle.partitions": "0", "spark.sql.adaptive.enabled": "false"}


@pytest.fixture
def session(spark):
    return spark.newSession()


@pytest.mark.parametrize("key", READ)
def test_unset(check, session, key):
    check.outcome(lambda: session.conf.get(key))
    check(session.conf.isModifiable(key))


@pytest.mark.parametrize("key", CHANGED)
def test_changed(check, session, key):
    check.outcome(lambda: session.conf.set(key, CHANGED[key]))
    check.outcome(lambda: session.conf.unset(key))


STATEMENTS = ["SET spark.sql.shuffle.partitions=7", "set  spark.sql.ansi.enabled = false ", "SET spark.sql.shuffle.partitions = '8'", "set `a.b c`=x y z", "set `a.b c`", "set a.b.c", "set a.b.c=",
              "set a.b.c=1;", "set k = v = w", "SET TIME ZONE 'Asia/Tokyo'", "SET TIMEZONE 'UTC'", "SET TIME ZONE 'x'", "RESET spark.sql.shuffle.partitions", "RESET nope", "RESET",
              "RESET a=b", "RESET `x y`", "SET spark.sql.shuffle.partitions=x", "SET spark.master=x", "SET spark.executor.memory=x", "SET spark.sql.warehouse.dir=x", "SET mapred.reduce.tasks=3",
              "SET spark.sql.shuffle.partitions -- c", "set x-y=1", "set hivevar:a=b", "SET spark.a 5", "SET spark.sql.streaming.metricsEnabled", "SET spark.sql.streaming.checkpointLocation",
              "SET spark.sql.streaming.schemaInference=true"]


@pytest.mark.parametrize("text", STATEMENTS)
def test_set(check, session, text):
    check.outcome(lambda: session.sql(text).dtypes)
    check.outcome(lambda: [tuple(r) for r in session.sql(text).collect()])
    check([session.conf.get("spark.sql.shuffle.partitions"), session.conf.get("spark.sql.session.timeZone"), session.conf.get("a.b.c", None)])


def test_set_counts(check, session, spark):
    session.conf.set("my.key", "v")
    session.sql("SET spark.sql.session.timeZone=Asia/Tokyo")
    check(session.sql("select current_timezone()").collect())
    check([r.value for r in session.sql("SET").where("key = 'my.key'").collect()])
    check(spark.conf.get("spark.sql.session.timeZone"))
    session.sql("RESET spark.sql.session.timeZone")
    check(session.conf.get("spark.sql.session.timeZone"))
    session.sql("SET spark.sql.shuffle.partitions=9")
    session.sql("RESET")
    check([session.conf.get("spark.sql.shuffle.partitions"), session.conf.get("my.key", None)])


def test_a_streams_folder_is_named_as_given(check, spark):
    for path in ("no/where", "/no/where", "file:///no/where"):
        check.error(lambda: spark.readStream.schema("a int").json(path))
        check.error(lambda: spark.readStream.format("text").load(path))
    check.error(lambda: spark.read.text("/no/where"))
