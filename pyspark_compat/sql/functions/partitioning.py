"""Partition transforms for tables."""
from pyspark_compat.sql.column import Column
from pyspark_compat.sql.functions._call import call, number, wrong_type


def years(col):
    return call("years", col)


def months(col):
    return call("months", col)


def days(col):
    return call("days", col)


def hours(col):
    return call("hours", col)


def bucket(numBuckets, col):
    if not isinstance(numBuckets, (int, Column)):
        raise wrong_type("Column or int", "numBuckets", numBuckets)
    return call("bucket", number(numBuckets), col)
