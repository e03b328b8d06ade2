"""JSON: files and from_json/to_json; every mode, type rule, malformed shape and option."""

import pytest

SCHEMA = "a int, b string"
LINES = [
    '{"a":1,"b":"x"}', '{"a":"1","b":2}', '{"a":1.5,"b":{"c":1}}', '{"a":3000000000,"b":[1,"x"]}', "not json", "", '[{"a":5,"b":"p"},{"a":6,"b":"q"}]', '{"a":true,"b":false}', '{"b":"only"}', "{}", '{"a":null,"b":null}',
    "{'a':7,'b':'single'}", '{"a":8,"b":"cut', '{"a":9,"b":"extra","c":1}', '{"A":10,"b":"case"}', '{"a":11,"a":12,"b":"twice"}', '  {"a":13,"b":"space"}  ', '{"a":14,"b":"\\u00e4\\n\\""}', '{"a":15,"b":"x"} trailing', "null", "5", '"text"', '{"a":1e2,"b":1.0}', '{"a":-0,"b":1.50}',
]


@pytest.fixture
def folder(tmp_path):
    d = tmp_path / "json"
    d.mkdir()
    (d / "f.json").write_text("\n".join(LINES) + "\n")
    return str(d)


@pytest.mark.parametrize("number", range(len(LINES)))
def test_each_line_permissive(check, spark, tmp_path, number):
    (tmp_path / "f.json").write_text(LINES[number] + "\n")
    check.outcome(lambda: spark.read.schema(SCHEMA).json(str(tmp_path / "f.json")))


@pytest.mark.parametrize("number", range(len(LINES)))
def test_each_line_from_json(check, spark, F, number):
    d = spark.createDataFrame([(LINES[number],)], "s string")
    check.outcome(lambda: d.select(F.from_json("s", SCHEMA).alias("j")))
    check.outcome(lambda: d.select(F.from_json("s", SCHEMA + ", _corrupt_record string").alias("j")))


def test_permissive(check, spark, folder):
    check(spark.read.schema(SCHEMA).json(folder))
    check(spark.read.schema(SCHEMA + ", _corrupt_record string").json(folder))
    check(spark.read.schema(SCHEMA + ", bad string").option("columnNameOfCorruptRecord", "bad").json(folder))


def test_dropmalformed(check, spark, folder):
    check(spark.read.schema(SCHEMA).option("mode", "DROPMALFORMED").json(folder))


def test_failfast(check, spark, folder, tmp_path):
    check.error(lambda: spark.read.schema(SCHEMA).option("mode", "FAILFAST").json(folder).collect())
    (tmp_path / "good.json").write_text('{"a":1}\n{"b":"x"}\n')
    check(spark.read.schema(SCHEMA).json(str(tmp_path / "good.json"), mode="FAILFAST"))


def test_bad_mode(check, spark, folder):
    check.outcome(lambda: spark.read.schema(SCHEMA).option("mode", "NOPE").json(folder))


def test_corrupt_column_alone(check, spark, folder):
    check.outcome(lambda: spark.read.schema(SCHEMA + ", _corrupt_record string").json(folder).select("_corrupt_record"))
    check.outcome(lambda: spark.read.schema("a int, _corrupt_record int").json(folder))


TYPED = [
    ("boolean", ["true", '"true"', "1", "null"]), ("tinyint", ["127", "128", '"1"']), ("bigint", ["9223372036854775807", "9223372036854775808", "1.0", '"5"']), ("float", ["1.1", "1e400", '"NaN"', '"1.5"', "NaN", '"-Infinity"', '"+INF"', '"Infinity"']),
    ("double", ["0.1", "1e400", "-0", '"INF"', "12345678901234567890"]), ("decimal(5,2)", ["1.005", '"12.345"', "123456.789", '"x"', "1e2", "999.995"]), ("string", ["1", "1.50", "true", '{"z" : [1, 2 ]}', '["a", null]', "null", '"x"', "1e2", "-0.0"]),
    ("binary", ['"YWJj"', '"!"', "1"]), ("date", ['"2024-01-02"', '"2024-1-2"', '"02/01/2024"', "19000", '"2024-01-02T03:04:05"', '""', '"2024-01-02 03:04:05"']),
    ("timestamp", ['"2024-01-02T03:04:05"', '"2024-01-02 03:04:05.123456"', '"2024-01-02T03:04:05Z"', '"2024-01-02T03:04:05+05:30"', "1704164645", "1704164645.5", '"2024-01-02"', '"x"', '"02/01/2024"', '"2024-1-2 3:4:5"', '"2024-01-02T03:04:05.000Z"']),
    ("timestamp_ntz", ['"2024-01-02T03:04:05"', '"2024-01-02T03:04:05Z"', "1704164645", '"2024-01-02 03:04:05"']), ("array<int>", ["[1,null,3]", "[]", "1", '["1"]', '[1,"x"]', '{"a":1}']), ("map<string,int>", ['{"a":1,"b":null}', "{}", "[1]", '{"a":"x"}']),
    ("struct<x:int,y:string>", ['{"x":1}', '{"x":"q","y":"z"}', "[1]", "null", '{"y":{"k":1}}']), ("array<struct<x:int>>", ['[{"x":1},{}]', '{"x":1}', '[{"x":1},2]']), ("void", ["null", "1"]),
]


@pytest.mark.parametrize("ddl,values", TYPED, ids=lambda v: v if isinstance(v, str) else "")
def test_type_rules(check, spark, F, tmp_path, ddl, values):
    (tmp_path / "f.json").write_text("".join(f'{{"i":{i},"c":{v}}}\n' for i, v in enumerate(values)))
    check.outcome(lambda: spark.read.schema(f"i int, c {ddl}").json(str(tmp_path / "f.json")))
    d = spark.createDataFrame([(f'{{"c":{v}}}',) for v in values], "s string").coalesce(1)
    check.outcome(lambda: d.select(F.from_json("s", f"c {ddl}").alias("j")))


INFERRED = {
    "plain": '{"a":1,"b":"x","c":1.5,"d":true,"e":null}\n', "widens": '{"a":1}\n{"a":2.5}\n', "to string": '{"a":1}\n{"a":"x"}\n', "nested": '{"a":{"b":[1,2,{"c":3}]}}\n{"a":{"b":[]}}\n', "arrays": '{"a":[1,2.5]}\n{"a":[]}\n{"a":null}\n',
    "big": '{"a":9223372036854775808}\n{"a":1}\n', "malformed": '{"a":1}\nbad\n', "all bad": "bad\nworse\n", "empty": "", "missing": '{"a":1}\n{"b":2}\n', "dates": '{"a":"2024-01-01","b":"2024-01-01T00:00:00"}\n', "array top": '[{"a":1},{"a":2}]\n', "case": '{"a":1,"A":2}\n', "empty object": "{}\n", "order": '{"z":1,"a":2}\n',
}


@pytest.mark.parametrize("name", INFERRED)
def test_inference(check, spark, tmp_path, name):
    (tmp_path / "f.json").write_text(INFERRED[name])
    check.outcome(lambda: spark.read.json(str(tmp_path / "f.json")))


OPTIONS = {
    "timestampFormat": ({"timestampFormat": "dd/MM/yyyy HH:mm"}, "t timestamp", '{"t":"02/01/2024 03:04"}\n{"t":"2024-01-02T03:04:05"}\n'), "dateFormat": ({"dateFormat": "dd/MM/yyyy"}, "d date", '{"d":"02/01/2024"}\n{"d":"2024-01-02"}\n'),
    "multiLine": ({"multiLine": True}, "a int", '[\n{"a":1},\n{"a":\n2}\n]\n'), "multiLine object": ({"multiLine": True}, "a int", '{"a":\n1}\n'), "multiLine bad": ({"multiLine": True}, "a int, _corrupt_record string", '{"a":\n'), "primitivesAsString": ({"primitivesAsString": True}, None, '{"a":1,"b":true,"c":1.50}\n'),
    "prefersDecimal": ({"prefersDecimal": True}, None, '{"a":1.5}\n{"a":12.25}\n'), "comments": ({"allowComments": True}, "a int", '/* x */ {"a":1} // y\n{"a":2}\n'), "no comments": ({}, "a int", '/* x */ {"a":1}\n'), "unquoted": ({"allowUnquotedFieldNames": True}, "a int", "{a:1}\n"), "no unquoted": ({}, "a int", "{a:1}\n"),
    "no single": ({"allowSingleQuotes": False}, "a int", "{'a':1}\n"), "leading zero": ({"allowNumericLeadingZeros": True}, "a int", '{"a":001}\n'), "no leading zero": ({}, "a int", '{"a":001}\n'), "backslash any": ({"allowBackslashEscapingAnyCharacter": True}, "a string", '{"a":"\\$1"}\n'), "no backslash any": ({}, "a string", '{"a":"\\$1"}\n'),
    "control": ({"allowUnquotedControlChars": True}, "a string", '{"a":"x\ty"}\n'), "no control": ({}, "a string", '{"a":"x\ty"}\n'), "lineSep": ({"lineSep": "|"}, "a int", '{"a":1}|{"a":2}'), "encoding": ({"encoding": "ISO-8859-1"}, "a string", '{"a":"x"}\n'), "non numeric": ({"allowNonNumericNumbers": False}, "a double", '{"a":NaN}\n{"a":"NaN"}\n'),
    "dropFieldIfAllNull": ({"dropFieldIfAllNull": True}, None, '{"a":null,"b":1,"c":[]}\n'), "samplingRatio": ({"samplingRatio": 1.0}, None, '{"a":1}\n'), "inferTimestamp": ({"inferTimestamp": True}, None, '{"a":"2024-01-01T00:00:00"}\n'), "timeZone": ({"timeZone": "America/New_York"}, "t timestamp", '{"t":"2024-01-02T03:04:05"}\n'),
    "crlf": ({}, "a int", '{"a":1}\r\n{"a":2}\r\n'), "bom": ({}, "a int", '\ufeff{"a":1}\n'), "no last newline": ({}, "a int", '{"a":1}\n{"a":2}'), "deep": ({}, "a string", '{"a":' + "[" * 50 + "]" * 50 + "}\n"), "too deep": ({}, "a string", '{"a":' + "[" * 1500 + "]" * 1500 + "}\n"), "invalid utf8 escape": ({}, "a string", '{"a":"\\ud83d\\ude00"}\n{"a":"\\ud83d"}\n'),
    "ignoreNullFields n/a": ({"unknownOption": 1}, "a int", '{"a":1}\n'),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options(check, spark, tmp_path, name):
    options, schema, content = OPTIONS[name]
    (tmp_path / "f.json").write_text(content)
    reader = spark.read.options(**options)
    check.outcome(lambda: (reader.schema(schema) if schema else reader).json(str(tmp_path / "f.json")))


def test_from_json_forms(check, spark, F, T):
    d = spark.createDataFrame([('{"a":1}',), (None,), ("[1,2]",), ('{"a":"x"}',), ("bad",), ("",)], "s string").coalesce(1)
    check(d.select(F.from_json("s", T.StructType().add("a", T.IntegerType()))))
    check(d.select(F.from_json("s", "a int").alias("j")).select("j.a"))
    check(d.select(F.from_json("s", "array<int>")))
    check(d.select(F.from_json("s", "map<string,string>")))
    check(d.select(F.from_json(F.col("s"), F.lit("a STRING"))))
    check.outcome(lambda: d.select(F.from_json("s", "a int", {"mode": "FAILFAST"})))
    check.outcome(lambda: d.select(F.from_json("s", "a int", {"mode": "DROPMALFORMED"})))
    check.outcome(lambda: d.select(F.from_json("s", "int")))
    check.outcome(lambda: d.select(F.from_json("s", "not a schema at all")))
    check.outcome(lambda: d.select(F.from_json(F.lit(1), "a int")))
    check.outcome(lambda: d.select(F.from_json("s", "a timestamp", {"timestampFormat": "yyyy"})))
    check(d.select(F.from_json("s", "a int")).columns)


def test_to_json(check, spark, F):
    d = spark.range(1)
    for text in [
        "named_struct('a', 1, 'b', null, 'c', 'x')", "named_struct('d', date'2024-01-02', 't', timestamp'2024-01-02 03:04:05.123456', 'n', timestamp_ntz'2024-01-02 03:04:05')", "named_struct('x', 1.5D, 'y', cast('NaN' as double), 'z', 1.50BD)",
        "array(1, null, 3)", "map('a', 1, 'b', null)", "array(named_struct('a', 1))", "named_struct('s', named_struct('q', array('a\"b\\n')), 'b', X'616263', 'e', '')", "named_struct('u', 'ä😀/')", "named_struct('big', 1e10D, 'f', cast(0.1 as float), 't', true)",
        "named_struct('n', null)", "map(1, 2)", "cast(null as struct<a:int>)", "named_struct('m', map('k', array(map('z', 1))))", "named_struct('i', interval 1 day)",
    ]:
        check.outcome(lambda: d.select(F.to_json(F.expr(text)).alias("c")))
    check(d.select(F.to_json(F.struct(F.lit(None).cast("int").alias("a"), F.lit(1).alias("b")), {"ignoreNullFields": "false"}).alias("c")))
    check(d.select(F.to_json(F.expr("named_struct('t', timestamp'2024-01-02 03:04:05')"), {"timestampFormat": "dd/MM/yyyy"}).alias("c")))
    check.outcome(lambda: d.select(F.to_json("id")))
    check(d.select(F.to_json(F.struct("id"))).columns)


def test_p4_type_rules(check, spark, F, tmp_path):
    """Values that do not fit their field, records with some of their fields, and what is no record."""
    lines = ['{"a":"1","b":2}', '{"a":1.5,"b":{"c":1}}', '{"a":3000000000}', "not json", '[{"a":1,"b":"x"},{"a":2,"b":"y"}]', "", '{"a":true}', '{"b":"only"}', '{"a":7}']
    (tmp_path / "f.json").write_text("\n".join(lines) + "\n")
    check(spark.read.schema(SCHEMA).json(str(tmp_path / "f.json")))
    check(spark.read.schema(SCHEMA).json(str(tmp_path / "f.json"), mode="DROPMALFORMED"))
    d = spark.createDataFrame([("bad",), ("",), (None,), ('[{"a":1}]',)], "s string").coalesce(1)
    check(d.select(F.from_json("s", SCHEMA).alias("j")))
    (tmp_path / "d.json").write_text('{"d":1.005}\n{"d":"12.345"}\n{"d":123456.789}\n')
    check(spark.read.schema("d decimal(5,2)").json(str(tmp_path / "d.json")))
    check(spark.range(1).select(F.to_json(F.expr("named_struct('a', 1, 'b', null)")).alias("j")))
