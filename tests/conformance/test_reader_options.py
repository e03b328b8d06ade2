"""Every option that the readers and writers of json, parquet and text name: it works, or is refused by name."""

import gzip
import pathlib

import pytest


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


JSON = {
    "primitivesAsString": ({"primitivesAsString": True}, None, '{"a":1,"b":{"c":true}}\n'), "prefersDecimal": ({"prefersDecimal": True}, None, '{"a":1.5}\n'), "allowComments": ({"allowComments": True}, "a int", '{"a":1} // x\n'), "allowUnquotedFieldNames": ({"allowUnquotedFieldNames": True}, "a int", "{a:1}\n"),
    "allowSingleQuotes": ({"allowSingleQuotes": False}, "a int, _corrupt_record string", "{'a':1}\n"), "allowNumericLeadingZero": ({"allowNumericLeadingZero": True}, "a int, _corrupt_record string", '{"a":007}\n'), "allowBackslashEscapingAnyCharacter": ({"allowBackslashEscapingAnyCharacter": True}, "a string", '{"a":"\\$"}\n'), "mode": ({"mode": "DROPMALFORMED"}, "a int", '{"a":1}\nx\n'),
    "columnNameOfCorruptRecord": ({"columnNameOfCorruptRecord": "bad"}, "a int, bad string", "x\n"), "dateFormat": ({"dateFormat": "dd/MM/yyyy"}, "a date", '{"a":"02/01/2024"}\n{"a":"2024-01-02"}\n'), "timestampFormat": ({"timestampFormat": "dd/MM/yyyy"}, "a timestamp", '{"a":"02/01/2024"}\n{"a":"2024-01-02"}\n'), "multiLine": ({"multiLine": True}, "a int", '[{"a":\n1},{"a":2}]'),
    "allowUnquotedControlChars": ({"allowUnquotedControlChars": True}, "a string", '{"a":"x\ty"}\n'), "lineSep": ({"lineSep": ";"}, "a int", '{"a":1};{"a":2}'), "samplingRatio": ({"samplingRatio": 0.999}, None, '{"a":1}\n'), "samplingRatio zero": ({"samplingRatio": 0}, None, '{"a":1}\n'), "samplingRatio bad": ({"samplingRatio": "x"}, None, '{"a":1}\n'), "dropFieldIfAllNull": ({"dropFieldIfAllNull": True}, None, '{"a":1,"b":null}\n'),
    "encoding": ({"encoding": "ISO-8859-1", "lineSep": "\n"}, "a string", '{"a":"ä"}\n{"a":"x"}\n'.encode("latin-1")), "encoding utf-16": ({"encoding": "UTF-16LE", "lineSep": "\n"}, "a string", '{"a":"ä"}\n{"a":"x"}\n'.encode("utf-16-le")), "encoding multi": ({"encoding": "UTF-16", "multiLine": True}, "a string", '{"a":\n"ä"}'.encode("utf-16")), "encoding infer": ({"encoding": "ISO-8859-1", "lineSep": "\n"}, None, '{"ä":"ö"}\n'.encode("latin-1")), "encoding infer multi": ({"encoding": "UTF-32", "multiLine": True}, None, '{"ä":"ö"}\n'.encode("utf-32")),
    "encoding no sep": ({"encoding": "ISO-8859-1"}, "a string", '{"a":"x"}\n'), "encoding utf-16 no sep": ({"encoding": "UTF-16"}, "a string", '{"a":"x"}\n'), "encoding utf-16 sep": ({"encoding": "UTF-16", "lineSep": "\n"}, "a string", '{"a":"x"}\n'), "encoding bad": ({"encoding": "nope"}, "a string", '{"a":"x"}\n'), "encoding utf8": ({"encoding": "utf8"}, "a string", '{"a":"ä"}\n'), "encoding ascii": ({"encoding": "US-ASCII", "lineSep": "\n"}, "a string", '{"a":"ä"}\n'), "charset": ({"charset": "ISO-8859-1", "lineSep": "\n"}, "a string", '{"a":"ä"}\n'.encode("latin-1")),
    "encoding corrupt": ({"encoding": "ISO-8859-1", "lineSep": "\n"}, "a int, _corrupt_record string", '{"a":"ä"}\n'.encode("latin-1")), "locale": ({"locale": "en-US"}, "a int", '{"a":1}\n'), "allowNonNumericNumbers": ({"allowNonNumericNumbers": False}, "a double, _corrupt_record string", '{"a":NaN}\n'), "useUnsafeRow": ({"useUnsafeRow": True}, "a int, b string", '{"a":1,"b":"x"}\n'), "useUnsafeRow bad": ({"useUnsafeRow": "x"}, "a int", '{"a":1}\n'),
    "timestampNTZFormat": ({"timestampNTZFormat": "dd/MM/yyyy HH:mm"}, "a timestamp_ntz", '{"a":"02/01/2024 03:04"}\n'), "timeZone": ({"timeZone": "Asia/Kolkata"}, "a timestamp", '{"a":"2024-01-02T03:04:05"}\n'), "fallback": ({"enableDateTimeParsingFallback": True, "timestampFormat": "dd/MM/yyyy", "dateFormat": "dd/MM/yyyy"}, "a timestamp, b date", '{"a":"02/01/2024","b":"02/01/2024"}\n{"a":"2024-01-02 03:04:05","b":"2024-1-2"}\n{"a":"x","b":"y"}\n'), "no fallback": ({"enableDateTimeParsingFallback": False}, "a timestamp, b date", '{"a":"2024-01-02 03:04:05","b":"2024-1-2"}\n{"a":"2024-1-2","b":"2024-01-02T03"}\n{"a":"2024-01-02T03:04:05GMT+01:00","b":"2024"}\n'), "default fallback": ({}, "a timestamp", '{"a":"2024-01-02T03:04:05GMT+01:00"}\n{"a":"2024-01-02T03:04:05GMT"}\n'), "fallback bad": ({"enableDateTimeParsingFallback": "x"}, "a int", '{"a":1}\n'),
    "lineSep empty": ({"lineSep": ""}, "a int", '{"a":1}\n'), "lineSep long": ({"lineSep": "abc"}, "a int", '{"a":1}abc{"a":2}'), "multiLine bad": ({"multiLine": "x"}, "a int", '{"a":1}\n'), "inferTimestamp": ({"inferTimestamp": True}, None, '{"a":"2024-01-02T03:04:05"}\n'), "dateFormat bad": ({"dateFormat": "qqqqq"}, "a date", '{"a":"x"}\n'), "timeZone bad": ({"timeZone": "nope"}, "a int", '{"a":1}\n'), "compression bad": ({"compression": "nope"}, "a int", '{"a":1}\n'),
}


@pytest.mark.parametrize("name", JSON)
def test_json(check, spark, tmp_path, name):
    options, schema, content = JSON[name]
    path = write(tmp_path / "f.json", content)
    reader = spark.read.options(**options)
    check.outcome(lambda: (reader.schema(schema) if schema else reader).json(path))


@pytest.mark.parametrize("name", ["primitivesAsString", "allowComments", "allowNumericLeadingZero", "mode", "dateFormat", "multiLine", "lineSep", "encoding", "locale", "allowNonNumericNumbers", "useUnsafeRow"])
def test_json_arguments(check, spark, tmp_path, name):
    options, schema, content = JSON[name]
    check.outcome(lambda: spark.read.json(write(tmp_path / "f.json", content), schema=schema, **options))


TEXT = {
    "plain": ({}, "a\nb\r\nc\rd"), "wholetext": ({"wholetext": True}, "a\nb\n"), "wholetext bad": ({"wholetext": "x"}, "a\nb\n"), "lineSep": ({"lineSep": ";"}, "a;b\nc;"), "lineSep long": ({"lineSep": "abc"}, "1abc2abc"), "lineSep empty": ({"lineSep": ""}, "a\n"), "both": ({"wholetext": True, "lineSep": ";"}, "a;b"), "encoding": ({"encoding": "ISO-8859-1"}, "ä\n".encode("latin-1")), "encoding bad": ({"encoding": "nope"}, "a\n"), "encoding sep": ({"encoding": "UTF-16LE", "lineSep": "\n"}, "a\nb\n".encode("utf-16-le")), "compression bad": ({"compression": "nope"}, "a\n"), "empty": ({}, ""), "empty whole": ({"wholetext": True}, ""), "bom": ({}, "\ufeffa\n"), "bom whole": ({"wholetext": True}, "\ufeffa\n"),
}


@pytest.mark.parametrize("name", TEXT)
def test_text(check, spark, tmp_path, name):
    options, content = TEXT[name]
    path = write(tmp_path / "f.txt", content)
    check.outcome(lambda: spark.read.options(**options).text(path))
    check.outcome(lambda: spark.read.options(**options).text(path).count())


def test_text_arguments(check, spark, tmp_path):
    write(tmp_path / "a.txt", "x;y")
    write(tmp_path / "b.log", "z")
    check.unordered(spark.read.text(str(tmp_path), lineSep=";"))
    check.unordered(spark.read.text(str(tmp_path), wholetext=True))
    check.unordered(spark.read.text(str(tmp_path), pathGlobFilter="*.log"))
    check.unordered(spark.read.text([str(tmp_path / "a.txt"), str(tmp_path / "b.log")]))
    check.unordered(spark.read.text(str(tmp_path), recursiveFileLookup=True))


PARQUET = {
    "mergeSchema": {"mergeSchema": True}, "mergeSchema off": {"mergeSchema": False}, "mergeSchema bad": {"mergeSchema": "x"}, "datetimeRebaseMode": {"datetimeRebaseMode": "CORRECTED"}, "datetimeRebaseMode exception": {"datetimeRebaseMode": "EXCEPTION"}, "datetimeRebaseMode bad": {"datetimeRebaseMode": "nope"}, "int96RebaseMode": {"int96RebaseMode": "corrected"}, "int96RebaseMode bad": {"int96RebaseMode": "nope"}, "compression": {"compression": "nope"}, "pathGlobFilter": {"pathGlobFilter": "*.nothing"},
}


@pytest.mark.parametrize("name", PARQUET)
def test_parquet(check, spark, tmp_path, name):
    out = str(tmp_path / "o")
    spark.range(2).coalesce(1).write.parquet(out)
    spark.range(1).selectExpr("id", "'x' as s").coalesce(1).write.mode("append").parquet(out)

    def columns():
        d = spark.read.parquet(out, **PARQUET[name])
        return [sorted(d.columns)[:1], d.select("id").count()]

    check.outcome(columns)


def texts(folder):
    return ["".join(p.suffixes) + ": " + (gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes()).decode("latin-1") for p in sorted(pathlib.Path(folder).glob("part-*"))]


JSON_WRITTEN = {
    "plain": {}, "compression": {"compression": "gzip"}, "codec": {"codec": "gzip"}, "compression bad": {"compression": "nope"}, "zstd": {"compression": "zstd"}, "dateFormat": {"dateFormat": "dd/MM/yyyy"}, "timestampFormat": {"timestampFormat": "dd/MM/yyyy"}, "lineSep": {"lineSep": ";"}, "lineSep empty": {"lineSep": ""}, "encoding": {"encoding": "ISO-8859-1"}, "encoding utf-16": {"encoding": "UTF-16"}, "encoding utf-16be": {"encoding": "UTF-16BE"}, "encoding utf-32": {"encoding": "UTF-32"}, "encoding bad": {"encoding": "nope"}, "ignoreNullFields": {"ignoreNullFields": False}, "timeZone": {"timeZone": "Asia/Kolkata"}, "timestampNTZFormat": {"timestampNTZFormat": "HH"}, "extension": {"extension": "txt"},
}


@pytest.mark.parametrize("name", JSON_WRITTEN)
def test_json_written(check, spark, tmp_path, name):
    d = spark.sql("select 1 a, 'ä' b, cast(null as int) c, date'2024-01-02' d, timestamp'2024-01-02 03:04:05' t, timestamp_ntz'2024-01-02 03:04:05' n").coalesce(1)
    check.outcome(lambda: (d.write.options(**JSON_WRITTEN[name]).json(str(tmp_path / "o")), [t.split(": ", 1)[-1] for t in texts(tmp_path / "o")])[1])


TEXT_WRITTEN = {"plain": {}, "lineSep": {"lineSep": ";"}, "lineSep long": {"lineSep": "abc"}, "lineSep empty": {"lineSep": ""}, "compression": {"compression": "gzip"}, "compression bad": {"compression": "nope"}, "zstd": {"compression": "zstd"}, "encoding": {"encoding": "ISO-8859-1"}}


@pytest.mark.parametrize("name", TEXT_WRITTEN)
def test_text_written(check, spark, tmp_path, name):
    d = spark.createDataFrame([("ä",), (None,), ("c",)], "s string").coalesce(1)
    check.outcome(lambda: (d.write.options(**TEXT_WRITTEN[name]).text(str(tmp_path / "o")), [t.split(": ", 1)[-1] for t in texts(tmp_path / "o")])[1])


def test_text_stream(check, spark, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    write(source / "a.txt", "x;y\nz")
    for number, options in enumerate([{}, {"wholetext": True}, {"lineSep": ";"}]):
        got = []
        query = spark.readStream.text(str(source), **options).writeStream.foreachBatch(lambda b, i: got.extend(r.value for r in b.collect())).trigger(availableNow=True).option("checkpointLocation", str(tmp_path / f"c{number}")).start()
        assert query.awaitTermination(120)
        check(sorted(got))
    out = tmp_path / "out"
    query = spark.readStream.text(str(source)).writeStream.format("text").option("lineSep", "|").trigger(availableNow=True).option("checkpointLocation", str(tmp_path / "c")).start(str(out))
    assert query.awaitTermination(120)
    check([p.read_text() for p in out.glob("part-*")])


@pytest.mark.parametrize("text", ["c char(3)", "c varchar(3)", "a array<char(3)>", "s struct<c:varchar(2)>", "m map<string,char(1)>"])
def test_char_and_varchar_are_refused(check, spark, F, T, text):
    check.error(lambda: spark.read.schema(text))
    check.error(lambda: spark.readStream.schema(text))
    check.error(lambda: spark.read.schema(T._parse_datatype_string(text)))
    check.error(lambda: spark.readStream.json("nowhere", schema=text))
    check.error(lambda: spark.range(1).select(F.from_json(F.lit("{}"), text)))
    check.error(lambda: spark.range(1).select(F.from_json(F.lit("{}"), "array<char(3)>")))
    check.error(lambda: spark.range(1).select(F.from_csv(F.lit("1"), "c char(3)")))
    check(spark.range(1).select(F.col("id").cast("char(3)")).schema)
