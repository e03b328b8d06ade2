"""Columns, literals, conditions and the order of rows."""
from pyspark_compat.sql.column import _part
from pyspark_compat.sql.functions._call import Column, at_least, call, deprecated, ex, named_column, wrong_type
from pyspark_compat.sql.functions._call import lit as _lit
from pyspark_compat.sql.functions._call import seed as _seed


def col(col):
    """The column of this name."""
    return Column(named_column(col))


column = col


def lit(col):
    """A constant; a column stays as it is."""
    return _lit(col)


def expr(str):
    """An expression written in SQL."""
    return Column(ex.text(str))


def when(condition, value):
    """The value where the condition holds; go on with Column.when and Column.otherwise."""
    if not isinstance(condition, Column):
        raise wrong_type("Column", "condition", condition)
    return Column(ex.case_when([(condition._expr, _part(value))]))


def broadcast(df):
    """The frame, with the hint to copy it to every instance in a join."""
    if not hasattr(df, "sparkSession"):
        raise wrong_type("DataFrame", "df", df)
    return df.hint("broadcast")


def greatest(*cols):
    at_least(2, "greatest", cols)
    return call("greatest", *cols)


def least(*cols):
    at_least(2, "least", cols)
    return call("least", *cols)


def rand(seed=None):
    return call("rand", _seed(seed))


random = rand


def randn(seed=None):
    return call("randn", _seed(seed))


def bitwiseNOT(col):
    deprecated("3.2", "bitwise_not")
    return bitwise_not(col)


def _sort(col, ascending, nulls_first):
    found = col._expr if isinstance(col, Column) else named_column(col)
    return Column(ex.sort_order(found, ascending, nulls_first))


def asc(col):
    return _sort(col, True, True)


def asc_nulls_first(col):
    return _sort(col, True, True)


def asc_nulls_last(col):
    return _sort(col, True, False)


def desc(col):
    return _sort(col, False, False)


def desc_nulls_first(col):
    return _sort(col, False, True)


def desc_nulls_last(col):
    return _sort(col, False, False)


def bitwise_not(col):
    return call("~", col)


def bit_count(col):
    return call("bit_count", col)


def bit_get(col, pos):
    return call("bit_get", col, pos)


def getbit(col, pos):
    return call("getbit", col, pos)


def coalesce(*cols):
    """The first of the values that is not null."""
    return call("coalesce", *cols)


def input_file_name():
    return call("input_file_name")


def isnan(col):
    return call("isNaN", col)


def isnull(col):
    return call("isNull", col)


def monotonically_increasing_id():
    return call("monotonically_increasing_id")


def nanvl(col1, col2):
    return call("nanvl", col1, col2)


def spark_partition_id():
    return call("spark_partition_id")
