"""What later work brings: it has its signature and raises by name, and never does nothing."""

import pytest


def refuses(function, api, name):
    with pytest.raises(api.errors.PySparkNotImplementedError) as caught:
        function()
    assert caught.value.getCondition() == "NOT_IMPLEMENTED"
    assert name in str(caught.value)


@pytest.mark.only_ours("PySpark has all of these")
@pytest.mark.parametrize("name", ["orc", "continuous", "remote"])
def test_named(spark, feed, api, tmp_path, name):
    feed.add("a=1")
    d = feed.frame()
    calls = {
        "orc": lambda: spark.readStream.schema("a int").orc(str(feed.folder)).writeStream.format("noop").start(),
        "continuous": lambda: d.writeStream.trigger(continuous="1 second").format("noop").start(),
        "remote": lambda: api.sql.SparkSession.builder.remote("sc://localhost:1").getOrCreate(),
    }
    refuses(calls[name], api, name)


OPTIONS = {
    "csv locale": ("locale", lambda s, p: s.read.csv(p, locale="de-DE")),
    "csv singleVariantColumn": ("singleVariantColumn", lambda s, p: s.read.option("singleVariantColumn", "v").csv(p)),
    "csv BACK_TO_DELIMITER with multiLine": ("unescapedQuoteHandling", lambda s, p: s.read.csv(p, multiLine=True, unescapedQuoteHandling="BACK_TO_DELIMITER")),
    "csv bzip2": ("bzip2", lambda s, p: s.range(1).write.csv(p + "-out", compression="bzip2")),
    "csv of a frame": ("csv", lambda s, p: s.read.csv(s.createDataFrame([("1,2",)], "s string"))),
    "json locale": ("locale", lambda s, p: s.read.json(p, locale="de-DE")),
    "json singleVariantColumn": ("singleVariantColumn", lambda s, p: s.read.option("singleVariantColumn", "v").json(p)),
    "json sortKeys": ("sortKeys", lambda s, p: s.range(1).write.option("sortKeys", True).json(p + "-out")),
    "json writeNonAsciiCharacterAsCodePoint": ("writeNonAsciiCharacterAsCodePoint", lambda s, p: s.range(1).write.option("writeNonAsciiCharacterAsCodePoint", True).json(p + "-out")),
    "json maxNestingDepth": ("maxNestingDepth", lambda s, p: s.read.option("maxNestingDepth", 5).json(p)),
    "json pretty": ("pretty", lambda s, p: s.range(1).write.option("pretty", True).json(p + "-out")),
    "parquet datetimeRebaseMode": ("datetimeRebaseMode", lambda s, p: s.read.option("datetimeRebaseMode", "LEGACY").parquet(p)),
    "parquet int96RebaseMode": ("int96RebaseMode", lambda s, p: s.read.option("int96RebaseMode", "LEGACY").parquet(p)),
}


@pytest.mark.only_ours("PySpark has all of these")
@pytest.mark.parametrize("name", OPTIONS)
def test_options(spark, api, tmp_path, name):
    """An option that would change the answer and is not built is refused, whatever else is given."""
    (tmp_path / "f").write_text("1,2\n")
    word, call = OPTIONS[name]
    refuses(lambda: call(spark, str(tmp_path / "f")), api, word)
