"""Aggregates over groups and windows."""
from pyspark_compat.sql.functions._call import call, call_distinct, deprecated, lit, option
from pyspark_compat.sql.functions._call import seed as _seed


def approx_count_distinct(col, rsd=None):
    """About how many distinct values there are; rsd is the relative error that is allowed."""
    return call("approx_count_distinct", col, option(rsd))


def avg(col):
    """The mean of the values that are not null."""
    return call("avg", col)


def collect_list(col):
    """An array of the values that are not null."""
    return call("collect_list", col)


def array_agg(col):
    return call("array_agg", col)


def collect_set(col):
    """An array of the distinct values that are not null."""
    return call("collect_set", col)


def listagg(col, delimiter=None):
    return call("listagg", col, option(delimiter))


def string_agg(col, delimiter=None):
    return call("string_agg", col, option(delimiter))


def corr(col1, col2):
    return call("corr", col1, col2)


def covar_pop(col1, col2):
    return call("covar_pop", col1, col2)


def covar_samp(col1, col2):
    return call("covar_samp", col1, col2)


def first(col, ignorenulls=False):
    return call("first", col, lit(ignorenulls))


def grouping(col):
    return call("grouping", col)


def grouping_id(*cols):
    return call("grouping_id", *cols)


def kurtosis(col):
    return call("kurtosis", col)


def last(col, ignorenulls=False):
    return call("last", col, lit(ignorenulls))


def max(col):
    """The greatest value."""
    return call("max", col)


def max_by(col, ord, k=None):
    return call("max_by", col, ord, option(k))


def median(col):
    return call("median", col)


def min(col):
    """The least value."""
    return call("min", col)


def min_by(col, ord, k=None):
    return call("min_by", col, ord, option(k))


def mode(col, deterministic=False):
    return call("mode", col, lit(deterministic))


def product(col):
    return call("product", col)


def skewness(col):
    return call("skewness", col)


def stddev(col):
    return call("stddev", col)


def std(col):
    return call("std", col)


def stddev_samp(col):
    return call("stddev_samp", col)


def stddev_pop(col):
    return call("stddev_pop", col)


def sum(col):
    """The sum of the values that are not null."""
    return call("sum", col)


def var_pop(col):
    return call("var_pop", col)


def regr_avgx(y, x):
    return call("regr_avgx", y, x)


def regr_avgy(y, x):
    return call("regr_avgy", y, x)


def regr_count(y, x):
    return call("regr_count", y, x)


def regr_intercept(y, x):
    return call("regr_intercept", y, x)


def regr_r2(y, x):
    return call("regr_r2", y, x)


def regr_slope(y, x):
    return call("regr_slope", y, x)


def regr_sxx(y, x):
    return call("regr_sxx", y, x)


def regr_sxy(y, x):
    return call("regr_sxy", y, x)


def regr_syy(y, x):
    return call("regr_syy", y, x)


def var_samp(col):
    return call("var_samp", col)


def variance(col):
    return call("variance", col)


def every(col):
    return call("every", col)


def bool_and(col):
    return call("bool_and", col)


def some(col):
    return call("some", col)


def bool_or(col):
    return call("bool_or", col)


def bit_and(col):
    return call("bit_and", col)


def bit_or(col):
    return call("bit_or", col)


def bit_xor(col):
    return call("bit_xor", col)


def any_value(col, ignoreNulls=None):
    return call("any_value", col, option(ignoreNulls))


def first_value(col, ignoreNulls=None):
    return call("first_value", col, option(ignoreNulls))


def last_value(col, ignoreNulls=None):
    return call("last_value", col, option(ignoreNulls))


def count_if(col):
    return call("count_if", col)


def histogram_numeric(col, nBins):
    return call("histogram_numeric", col, nBins)


def schema_of_variant_agg(v):
    return call("schema_of_variant_agg", v)


def count(col):
    """The number of rows in which the column is not null; of all rows for "*"."""
    return call("count", col)


def mean(col):
    return call("avg", col)


def count_distinct(col, *cols):
    return call_distinct("count", col, *cols)


def countDistinct(col, *cols):
    return count_distinct(col, *cols)


def sum_distinct(col):
    return call_distinct("sum", col)


def sumDistinct(col):
    deprecated("3.2", "sum_distinct")
    return sum_distinct(col)


def approxCountDistinct(col, rsd=None):
    deprecated("2.1", "approx_count_distinct")
    return approx_count_distinct(col, rsd)


def collect_union(col):
    return call("collect_union", col)


def listagg_distinct(col, delimiter=None):
    return call_distinct("listagg", col, option(delimiter))


def string_agg_distinct(col, delimiter=None):
    return call_distinct("string_agg", col, option(delimiter))


def count_min_sketch(col, eps, confidence, seed=None):
    return call("count_min_sketch", col, lit(eps), lit(confidence), _seed() if seed is None else lit(seed))


def _share(percentage):
    return lit(list(percentage)) if isinstance(percentage, (list, tuple)) else lit(percentage)


def percentile(col, percentage, frequency=1):
    return call("percentile", col, _share(percentage), lit(frequency))


def percentile_approx(col, percentage, accuracy=10000):
    return call("percentile_approx", col, _share(percentage), lit(accuracy))


def approx_percentile(col, percentage, accuracy=10000):
    return call("approx_percentile", col, _share(percentage), lit(accuracy))
