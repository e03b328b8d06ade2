"""What later work brings: it has its signature and raises by name, and never does nothing."""

import pytest


def refuses(function, api, name):
    with pytest.raises(api.errors.PySparkNotImplementedError) as caught:
        function()
    assert caught.value.getCondition() == "NOT_IMPLEMENTED"
    assert name in str(caught.value)


@pytest.mark.only_ours("PySpark has all of these")
@pytest.mark.parametrize("name", ["orc", "foreach", "partitionBy", "continuous", "remote"])
def test_named(spark, feed, api, tmp_path, name):
    feed.add("a=1")
    d = feed.frame()
    calls = {
        "orc": lambda: spark.readStream.schema("a int").orc(str(feed.folder)).writeStream.format("noop").start(),
        "foreach": lambda: d.writeStream.foreach(lambda row: None).start(),
        "partitionBy": lambda: d.writeStream.partitionBy("k").format("json").option("checkpointLocation", str(tmp_path / "c")).start(str(tmp_path / "o")),
        "continuous": lambda: d.writeStream.trigger(continuous="1 second").format("noop").start(),
        "remote": lambda: api.sql.SparkSession.builder.remote("sc://localhost:1").getOrCreate(),
    }
    refuses(calls[name], api, name)
