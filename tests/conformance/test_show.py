"""The text of show(), to the letter, for every type and argument form."""

import pytest

ROWS = [
    "1 as a, 'x' as b", "null as a, cast(null as string) as b", "1.0D as d, 1e10D as e, 1e-5D as f, cast('nan' as double) as n, cast('inf' as double) as i, -0.0D as z", "cast(0.1 as float) as f, cast(1e8 as float) as g", "1.50BD as m, 0.0000001BD as t, 12345678901234567890BD as w",
    "true as b, false as c", "date'2024-01-02' as d, timestamp'2024-01-02 03:04:05' as t, timestamp'2024-01-02 03:04:05.120' as u, timestamp_ntz'2024-01-02 03:04:05.000001' as n", "X'6162' as x, X'' as e", "array(1, null, 3) as a, array('x', null) as s, cast(array() as array<int>) as e",
    "map('a', 1, 'b', null) as m, map() as e", "named_struct('a', 1, 'b', 'x', 'c', null) as s, struct(array(struct(1))) as n", "'a very long text that is longer than twenty characters' as long, 'exactly twenty chars' as twenty, 'exactly twenty-one ch' as more", "'äöü' as u, '中文字' as wide, '😀' as emoji, 'e\\u0301' as comb",
    "'line1\\nline2' as n, 'tab\\tx' as t, '' as e, 'cr\\rx' as c", "1 as `a column name that is quite long indeed`", "interval 1 day as i, interval '1-2' year to month as y, interval '1 02:03:04.5' day to second as d", "1 as `a|b`, 2 as ``", "array(1.0D, 2.5D) as d, array(X'01') as b, array(true) as t, array(date'2024-01-01') as a",
]


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_value(check, spark, capsys, number):
    def show():
        spark.range(1).selectExpr(*split(ROWS[number])).show()

    try:
        check.printed(capsys, show)
    except Exception as e:
        check(e)


def split(text):
    """The expressions of a select list: commas outside brackets and quotes part them."""
    out, depth, quoted, word = [], 0, "", ""
    for c in text:
        if quoted:
            quoted = "" if c == quoted else quoted
        elif c in "'`":
            quoted = c
        elif c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        if c == "," and not depth and not quoted:
            out.append(word)
            word = ""
        else:
            word += c
    return [*out, word]


FORMS = {
    "default": (), "n": (2,), "zero": (0,), "negative": (-1,), "truncate False": (20, False), "truncate True": (20, True), "truncate 3": (20, 3), "truncate 5": (20, 5), "truncate 1": (3, 1), "vertical": (2, True, True), "vertical wide": (2, False, True), "vertical truncated": (20, 10, True), "all": (100,),
    "truncate 0": (20, 0), "n text": ("x",), "truncate text": (20, "abc"), "truncate digit text": (20, "4"), "vertical number": (20, True, 1), "n bool": (True,), "truncate None": (20, None),
}


@pytest.mark.parametrize("name", FORMS)
def test_form(check, spark, capsys, name):
    d = spark.range(25).selectExpr("id", "concat('text number ', cast(id as string), ' of some length') as text", "if(id % 3 = 0, null, id * 1.5D) as x").coalesce(1)
    try:
        check.printed(capsys, lambda: d.show(*FORMS[name]))
    except Exception as e:
        check(e)


def test_shapes(check, spark, capsys):
    check.printed(capsys, spark.createDataFrame([], "a int, b string").show)
    check.printed(capsys, lambda: spark.createDataFrame([], "a int").show(vertical=True))
    check.printed(capsys, spark.range(2).select().show)
    check.printed(capsys, lambda: spark.range(3).show(3))
    check.printed(capsys, lambda: spark.range(3).show(2))
    check.printed(capsys, lambda: spark.range(3).show(truncate=False))
    check.printed(capsys, lambda: spark.range(1).show(n=1, vertical=True))


def test_zone(check, spark, capsys, conf):
    conf("spark.sql.session.timeZone", "Asia/Kolkata")
    check.printed(capsys, spark.range(1).selectExpr("timestamp'2024-01-02 03:04:05' as t", "cast(0 as timestamp) as z").show)


def test_eager_representation(check, spark, conf):
    d = spark.range(3)
    conf("spark.sql.repl.eagerEval.enabled", "true")
    check(repr(d))
    check(d._repr_html_())
