"""Arithmetic and mathematics: every numeric type, overflow under ANSI, NaN and infinities, decimals' precision rules."""

import decimal

import pytest

D = decimal.Decimal


@pytest.fixture(scope="module")
def numbers(whole_session):
    rows = [
        (1, 2, 3, 4, 1.5, 2.25, D("1.10"), D("12345.678")),
        (-128, -32768, -2147483648, -(2**63), -0.0, -1e308, D("-9.99"), D("-0.001")),
        (127, 32767, 2147483647, 2**63 - 1, float("nan"), float("inf"), D("9.99"), D("99999.999")),
        (0, 0, 0, 0, 0.0, 0.0, D("0.00"), D("0.000")),
        (None, None, None, None, None, None, None, None),
    ]
    return whole_session.createDataFrame(rows, "b tinyint, h smallint, i int, l bigint, f float, d double, m decimal(3,2), w decimal(8,3)").coalesce(1)


CASES = {
    "abs double": lambda F: F.abs("d"), "abs float": lambda F: F.abs("f"), "abs decimal": lambda F: F.abs("m"),
    "sqrt": lambda F: F.sqrt("d"), "sqrt int": lambda F: F.sqrt(F.col("h")),
    "pow": lambda F: F.pow("f", 2), "pow half": lambda F: F.pow(F.col("d"), F.lit(0.5)), "pow columns": lambda F: F.pow("f", "d"), "** operator": lambda F: F.col("f") ** 2,
    "2 ** column": lambda F: 2 ** F.col("f"),
    "round double": lambda F: F.round("d"), "round double 1": lambda F: F.round("d", 1), "round int -2": lambda F: F.round("h", -2), "round decimal 1": lambda F: F.round("w", 1),
    "round decimal -2": lambda F: F.round("w", -2), "round decimal": lambda F: F.round("m"), "round float": lambda F: F.round("f", 0),
    "floor double": lambda F: F.floor("f"), "ceil double": lambda F: F.ceil("f"), "floor decimal": lambda F: F.floor("m"), "ceil decimal": lambda F: F.ceil("w"), "floor long": lambda F: F.floor("l"),
    "floor decimal 1": lambda F: F.floor("w", F.lit(1)), "ceil double 1": lambda F: F.ceil("f", F.lit(1)),
    "greatest": lambda F: F.greatest("i", "l", F.lit(5)), "least": lambda F: F.least("d", "f"), "greatest doubles": lambda F: F.greatest("d", "f"), "greatest mixed": lambda F: F.greatest("i", "m", "d"),
    "negate double": lambda F: -F.col("d"), "negate decimal": lambda F: -F.col("m"),
    "double + int": lambda F: F.col("d") + F.col("h"), "float + float": lambda F: F.col("f") + F.col("f"), "float + int": lambda F: F.col("f") + F.col("b"),
    "decimal + decimal": lambda F: F.col("m") + F.col("w"), "decimal - decimal": lambda F: F.col("m") - F.col("w"), "decimal * decimal": lambda F: F.col("m") * F.col("w"),
    "decimal + int": lambda F: F.col("m") + F.col("h"), "decimal * double": lambda F: F.col("m") * F.col("f"), "decimal + literal": lambda F: F.col("m") + F.lit(D("0.1")),
    "decimal / 3": lambda F: F.col("m") / 3, "decimal / decimal": lambda F: F.col("w") / F.lit(D("7.0")), "decimal % decimal": lambda F: F.col("w") % F.lit(D("7.1")),
    "byte + byte literal": lambda F: F.col("h").cast("int") + F.col("b"), "int / int": lambda F: F.col("b") / 2, "long / 2": lambda F: F.col("l") / 2,
    "int % 3": lambda F: F.col("h") % 3, "int % -3": lambda F: F.col("h") % -3, "double % 1": lambda F: F.col("f") % 1,
    "3 - column": lambda F: 3 - F.col("b"), "3 / column where": lambda F: F.when(F.col("b") != 0, 3 / F.col("b")),
    "compare double nan": lambda F: F.col("f") > F.lit(1e300), "nan = nan": lambda F: F.col("f") == F.col("f"), "-0.0 = 0.0": lambda F: F.col("f") == 0.0,
    "int < double": lambda F: F.col("i") < F.col("d"), "decimal < int": lambda F: F.col("m") < F.col("b"), "decimal = double": lambda F: F.col("m") == 1.1, "isnan": lambda F: F.isnan("f"),
    "bit and": lambda F: F.col("i").bitwiseAND(6), "bit or": lambda F: F.col("h").bitwiseOR(1), "bit xor": lambda F: F.col("l").bitwiseXOR(F.lit(1)),
    "try_divide": lambda F: F.try_divide("d", "f"), "try_divide ints": lambda F: F.try_divide("i", "h"), "try_divide decimals": lambda F: F.try_divide("m", "m"),
    "overflow +": lambda F: F.col("i") + 1, "overflow long": lambda F: F.col("l") + 1, "overflow byte": lambda F: F.col("b") + F.col("b"), "overflow *": lambda F: F.col("l") * 2,
    "overflow abs": lambda F: F.abs("i"), "overflow abs byte": lambda F: F.abs("b"), "overflow negate": lambda F: -F.col("l"), "divide by zero": lambda F: F.lit(1) / F.col("i"),
    "divide by zero double": lambda F: F.col("d") / F.col("f"), "modulo zero": lambda F: F.lit(5) % F.col("b"), "decimal divide by zero": lambda F: F.lit(D("1.0")) / F.col("m"),
    "floor infinity": lambda F: F.floor("d"), "ceil nan": lambda F: F.ceil("f"), "round half even?": lambda F: F.round(F.lit(2.5)), "round -2.5": lambda F: F.round(F.lit(-2.5)),
    "round 0.285 2": lambda F: F.round(F.lit(0.285), 2), "round 1e17": lambda F: F.round(F.lit(1e17), 2), "round overflow": lambda F: F.round("i", -9), "sqrt -1": lambda F: F.sqrt(F.lit(-1)),
    "pow 0 0": lambda F: F.pow(F.lit(0), F.lit(0)), "pow -8 third": lambda F: F.pow(F.lit(-8.0), F.lit(1.0 / 3)), "bool to arithmetic": lambda F: F.lit(True) + 1, "string + int": lambda F: F.lit("1") + 1,
    "string number + double": lambda F: F.lit("1.5") + F.col("d"), "bad string + int": lambda F: F.lit("x") + 1, "string * string": lambda F: F.lit("2") * F.lit("3"), "null + 1": lambda F: F.lit(None) + 1,
    "literal big": lambda F: F.lit(2**40), "literal too big": lambda F: F.lit(2**70), "sum of literals": lambda F: F.lit(1) + F.lit(2.5), "decimal literal": lambda F: F.lit(D("1.230")),
    "decimal max times 10": lambda F: F.lit(D("9" * 38)) * 10, "decimal(38,18) squared": lambda F: F.lit(D("1.1")).cast("decimal(38,18)") * F.lit(D("1.1")).cast("decimal(38,18)"),
}


@pytest.mark.parametrize("name", CASES)
def test_function(check, numbers, F, name):
    check.outcome(lambda: numbers.select(CASES[name](F).alias("c")))


def test_names_of_columns(check, numbers, F):
    check(numbers.select(F.col("i") + 1, -F.col("i"), F.col("i") * 2.5, F.col("i") / F.col("l"), F.col("i") % 3, F.abs("i"), F.round("d", 1), F.pow("d", 2), F.col("d") ** 2, F.sqrt("d"), F.floor("d"),
                         F.ceil("d"), F.greatest("i", "l"), (F.col("i") > 1) & ~(F.col("l") == 2), F.col("i").isNull(), F.col("i").cast("string"), F.try_divide("i", "l"), F.lit(1.0), F.lit("a"),
                         F.col("i").between(1, 2), F.col("i").isin(1, 2), F.col("m") + 1, 1 - F.col("i"), F.col("i").bitwiseAND(1), F.isnan("d"), F.col("d").eqNullSafe(1.0)).columns)


@pytest.mark.parametrize("name,make", [
    ("array + 1", lambda F: F.array("i") + 1), ("struct < 1", lambda F: F.struct("i") < 1), ("boolean + boolean", lambda F: F.lit(True) + F.lit(False)), ("not int", lambda F: ~F.col("i")),
    ("int and boolean", lambda F: F.col("i") & F.lit(True)), ("sqrt array", lambda F: F.sqrt(F.array("i"))), ("greatest of one", lambda F: F.greatest("i")),
    ("greatest mixed types", lambda F: F.greatest("i", F.array("i"))), ("round scale column", lambda F: F.round("d", F.col("i"))), ("abs string", lambda F: F.abs(F.lit("x"))),
    ("date + double", lambda F: F.current_date() + 1.5), ("where int", lambda F: F.when(F.col("i"), 1)),
], ids=lambda v: v if isinstance(v, str) else "")
def test_wrong_type(check, numbers, F, name, make):
    check.outcome(lambda: numbers.select(make(F)).schema)


def test_rand(check, spark, F):
    d = spark.range(1000).select(F.rand().alias("r"), F.rand(7).alias("s"), F.rand(7).alias("t"))
    rows = d.collect()
    check([all(0 <= r.r < 1 and r.s == r.t for r in rows), len({r.r for r in rows}) > 990, 0.4 < sum(r.r for r in rows) / 1000 < 0.6])


def test_seeded_rand(check, spark, F):
    check(spark.range(0, 5, 1, 1).select(F.rand(42).alias("c")))


def test_uuid(check, spark, F):
    rows = spark.range(100).select(F.uuid().alias("u")).collect()
    check([len({r.u for r in rows}), all(len(r.u) == 36 and r.u[14] == "4" for r in rows)])
