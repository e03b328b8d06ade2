"""How a function of the API becomes an expression.

A parameter is a column or its name unless a helper below says otherwise.
"""
import sys
from enum import Enum

from pyspark_compat_worker.errors import PySparkValueError, wrong_type

from pyspark_compat import _expressions as ex
from pyspark_compat.sql.column import Column, expression, lit_expression, named_column  # noqa: F401


class _Missing:
    """Stands for a parameter that the user left out."""


MISSING = _Missing()


def call(name, *args):
    """A call of the function `name` with the arguments that were given."""
    return Column(ex.function(name, [expression(a) for a in args if a is not MISSING]))


def call_distinct(name, *args):
    """An aggregate over distinct values."""
    return Column(ex.function(name, [expression(a) for a in args if a is not MISSING], True))


def given(col):
    """A column or its name that may be left out."""
    return MISSING if col is None else col


def call_math(name, *args):
    """A call whose parameters may be numbers too."""
    return call(name, *[a if isinstance(a, (str, Column)) else lit(a) for a in args])


def lit(col):
    """A parameter that is a value; a Column stays what it is."""
    return col if isinstance(col, Column) else Column(lit_expression(col))


def option(value):
    """A value that may be left out."""
    return MISSING if value is None else lit(value)


def number(value):
    """A whole number, or a column or its name."""
    value = plain(value)
    return lit(value) if isinstance(value, int) else value


def option_number(value):
    """A whole number, or a column or its name; may be left out."""
    return MISSING if value is None else number(value)


def lit_or(value, default):
    """A value, `default` when it is left out."""
    return lit(default if value is None else value)


def column_or(col, default):
    """A column or its name, the value `default` when it is left out."""
    return lit(default) if col is None else col


def plain(value):
    """The value of an Enum member, anything else as it is."""
    return value.value if isinstance(value, Enum) else value


def seed(value=None):
    """A seed as a column; a fresh one when none is given."""
    value = plain(value)
    if isinstance(value, Column):
        return value
    import random  # costs start-up time that most scripts need not pay

    given = random.randint(-sys.maxsize, sys.maxsize) if value is None else value
    return Column(ex.literal(given, ex.LongType()))


def text_or_column(value, name, expected="Column or str"):
    """A text as a literal, or a Column."""
    value = plain(value)
    if not isinstance(value, (str, Column)):
        raise wrong_type(expected, name, value)
    return lit(value)


def spread(cols):
    """Several columns, or one list of them."""
    return cols[0] if len(cols) == 1 and isinstance(cols[0], (list, set, tuple)) else cols


def options_map(options):
    """Reader or writer options as a map of strings; may be left out."""
    if options is None:
        return MISSING
    pairs = [lit(to_option(part)) for pair in options.items() for part in pair]
    return call("map", *pairs)


def to_option(value):
    """An option's text as PySpark writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def at_least(count, name, cols):
    if len(cols) < count:
        raise PySparkValueError(errorClass="WRONG_NUM_COLUMNS", messageParameters={
            "func_name": name, "num_cols": str(count)})


def not_empty(values, item):
    if not values:
        raise PySparkValueError(errorClass="CANNOT_BE_EMPTY", messageParameters={"item": item})


def call_higher(name, cols, functions):
    """A call over columns and Python functions of columns."""
    args = [expression(c) for c in cols] + [_lambda(f) for f in functions]
    return Column(ex.function(name, args))


def _lambda(f):
    import inspect

    parameters = inspect.signature(f).parameters.values()
    if not 1 <= len(parameters) <= 3:
        raise PySparkValueError(errorClass="WRONG_NUM_ARGS_FOR_HIGHER_ORDER_FUNCTION", messageParameters={
            "func_name": f.__name__, "num_args": str(len(parameters))})
    if any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY) for p in parameters):
        raise PySparkValueError(
            errorClass="UNSUPPORTED_PARAM_TYPE_FOR_HIGHER_ORDER_FUNCTION", messageParameters={"func_name": f.__name__})
    variables = [ex.variable(name) for name in "xyz"[:len(parameters)]]
    body = f(*map(Column, variables))
    if not isinstance(body, Column):
        raise PySparkValueError(errorClass="HIGHER_ORDER_FUNCTION_SHOULD_RETURN_COLUMN", messageParameters={
            "func_name": f.__name__, "return_type": type(body).__name__})
    return ex.lambda_function(body._expr, variables)


def deprecated(since, instead):
    import warnings

    warnings.warn(f"Deprecated in {since}, use {instead} instead.", FutureWarning, stacklevel=3)
