"""Functions over windows (the time windows are in datetimes)."""
from pyspark_compat.sql.functions._call import call, given, lit, plain


def counter_diff(value, startTime=None):
    return call("counter_diff", value, given(startTime))


def cume_dist():
    return call("cume_dist")


def dense_rank():
    return call("dense_rank")


def percent_rank():
    return call("percent_rank")


def rank():
    return call("rank")


def row_number():
    return call("row_number")


def lag(col, offset=1, default=None):
    return call("lag", col, lit(offset), lit(default), lit(False))


def lead(col, offset=1, default=None):
    return call("lead", col, lit(offset), lit(default), lit(False))


def nth_value(col, offset, ignoreNulls=False):
    return call("nth_value", col, lit(offset), lit(ignoreNulls))


def ntile(n):
    return call("ntile", lit(int(plain(n))))
