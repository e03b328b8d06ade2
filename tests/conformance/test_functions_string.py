"""String functions, over nulls, the empty string, white space, non-ASCII and characters beyond the BMP."""

import pytest

STRINGS = [None, "", "abc", "  Ab C\t", "äöüß İ", "😀x", "a,b,,c,", "line1\nline2", "100-200", "aXbXc"]


@pytest.fixture(scope="module")
def strings(whole_session):
    return whole_session.createDataFrame([(s, i) for i, s in enumerate(STRINGS)], "s string, i int").coalesce(1)


CASES = {
    "upper": lambda F: F.upper("s"),
    "lower": lambda F: F.lower("s"),
    "length": lambda F: F.length("s"),
    "length of binary": lambda F: F.length(F.col("s").cast("binary")),
    "trim": lambda F: F.trim("s"),
    "trim chars": lambda F: F.trim(F.col("s"), F.lit("ac")),
    "ltrim": lambda F: F.ltrim("s"),
    "rtrim": lambda F: F.rtrim("s"),
    "substring 1 2": lambda F: F.substring("s", 1, 2),
    "substring 0 2": lambda F: F.substring("s", 0, 2),
    "substring 2 100": lambda F: F.substring("s", 2, 100),
    "substring -2 1": lambda F: F.substring("s", -2, 1),
    "substring -100 99": lambda F: F.substring("s", -100, 99),
    "substring negative length": lambda F: F.substring("s", 1, -1),
    "substring of columns": lambda F: F.substring(F.col("s"), F.col("i"), F.lit(2)),
    "substr": lambda F: F.col("s").substr(2, 2),
    "substr columns": lambda F: F.col("s").substr(F.lit(1), F.col("i")),
    "concat": lambda F: F.concat("s", F.lit("-"), "s"),
    "concat with int": lambda F: F.concat("s", "i"),
    "concat nothing": lambda F: F.concat(),
    "concat_ws": lambda F: F.concat_ws("|", "s", F.lit(None).cast("string"), F.lit("z")),
    "concat_ws array": lambda F: F.concat_ws("|", F.array("s", F.lit("q")), "s"),
    "concat_ws nothing": lambda F: F.concat_ws("|"),
    "split comma": lambda F: F.split("s", ","),
    "split regex": lambda F: F.split("s", "[bX]+"),
    "split limit 2": lambda F: F.split("s", ",", 2),
    "split limit 0": lambda F: F.split("s", ",", 0),
    "split empty": lambda F: F.split("s", ""),
    "split dot literal": lambda F: F.split("s", "\\n"),
    "regexp_extract": lambda F: F.regexp_extract("s", r"(\d+)-(\d+)", 2),
    "regexp_extract 0": lambda F: F.regexp_extract("s", r"[a-c]+", 0),
    "regexp_extract no group": lambda F: F.regexp_extract("s", r"(x)?a", 1),
    "regexp_extract bad group": lambda F: F.regexp_extract("s", r"(\d+)", 3),
    "regexp_extract bad pattern": lambda F: F.regexp_extract("s", "(", 1),
    "regexp_extract lookahead": lambda F: F.regexp_extract("s", r"a(?=b)", 0),
    "regexp_extract possessive": lambda F: F.regexp_extract("s", r"[a-z]++", 0),
    "regexp_extract unicode class": lambda F: F.regexp_extract("s", r"\p{L}+", 0),
    "regexp_replace": lambda F: F.regexp_replace("s", r"(\d+)", "<$1>"),
    "regexp_replace dollar": lambda F: F.regexp_replace("s", "a", "\\$"),
    "regexp_replace empty": lambda F: F.regexp_replace("s", "", "_"),
    "regexp_replace word": lambda F: F.regexp_replace("s", r"\s+", " "),
    "regexp_replace backreference": lambda F: F.regexp_replace("s", r"(.)X(.)", "$2X$1"),
    "regexp_replace case": lambda F: F.regexp_replace("s", "(?i)AB", "*"),
    "regexp_replace columns": lambda F: F.regexp_replace(F.col("s"), F.lit("b"), F.col("s")),
    "like": lambda F: F.col("s").like("a%"),
    "like underscore": lambda F: F.col("s").like("_b_"),
    "like escape": lambda F: F.col("s").like("100\\-%"),
    "like newline": lambda F: F.col("s").like("line%"),
    "ilike": lambda F: F.col("s").ilike("AB%"),
    "rlike": lambda F: F.col("s").rlike("b|ß"),
    "contains": lambda F: F.col("s").contains("b"),
    "startswith": lambda F: F.col("s").startswith("a"),
    "endswith": lambda F: F.col("s").endswith("c"),
    "startswith null": lambda F: F.col("s").startswith(F.lit(None)),
    "equal": lambda F: F.col("s") == "abc",
    "less": lambda F: F.col("s") < "b",
    "eqNullSafe": lambda F: F.col("s").eqNullSafe(None),
    "equal to number": lambda F: F.col("s") == F.col("i"),
    "upper of int": lambda F: F.upper("i"),
    "length of int": lambda F: F.length("i"),
    "min max": lambda F: F.greatest("s", F.lit("b")),
}


@pytest.mark.parametrize("name", CASES)
def test_function(check, strings, F, name):
    check.outcome(lambda: strings.select(CASES[name](F)))


WRONG = {
    "upper of array": lambda F: F.upper(F.array("s")),
    "split of array": lambda F: F.split(F.array("s"), ","),
    "substring of struct": lambda F: F.substring(F.struct("s"), 1, 2),
    "concat array and string": lambda F: F.concat(F.array("s"), "s"),
    "concat_ws of map": lambda F: F.concat_ws(",", F.create_map("s", "s")),
    "length of array": lambda F: F.length(F.array("s")),
    "regexp_extract of array": lambda F: F.regexp_extract(F.array("s"), "a", 0),
    "like of array": lambda F: F.array("s").like("a"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_type(check_error, strings, F, name):
    check_error(lambda: strings.select(WRONG[name](F)))


def test_names_of_columns(check, strings, F):
    check(strings.select(F.upper("s"), F.substring("s", 1, 2), F.concat("s", F.lit("x")), F.split("s", ","), F.regexp_extract("s", "a", 0), F.trim("s"),
                         F.concat_ws("-", "s"), F.length("s") + 1, F.col("s").like("a"), F.lower(F.upper("s")), F.regexp_replace("s", "a", "b")).columns)
