"""Sketches: approximate counts, quantiles and sets."""
from pyspark_compat.sql.functions._call import call, lit_or, option


def hll_sketch_agg(col, lgConfigK=None):
    return call("hll_sketch_agg", col, option(lgConfigK))


def hll_union_agg(col, allowDifferentLgConfigK=None):
    return call("hll_union_agg", col, option(allowDifferentLgConfigK))


def hll_sketch_estimate(col):
    return call("hll_sketch_estimate", col)


def hll_union(col1, col2, allowDifferentLgConfigK=None):
    return call("hll_union", col1, col2, option(allowDifferentLgConfigK))


def theta_sketch_agg(col, lgNomEntries=None):
    return call("theta_sketch_agg", col, option(lgNomEntries))


def theta_union_agg(col, lgNomEntries=None):
    return call("theta_union_agg", col, option(lgNomEntries))


def theta_intersection_agg(col):
    return call("theta_intersection_agg", col)


def tuple_sketch_agg_double(key, summary, lgNomEntries=None, mode=None):
    return call("tuple_sketch_agg_double", key, summary, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_sketch_agg_integer(key, summary, lgNomEntries=None, mode=None):
    return call("tuple_sketch_agg_integer", key, summary, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_union_agg_double(col, lgNomEntries=None, mode=None):
    return call("tuple_union_agg_double", col, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_union_agg_integer(col, lgNomEntries=None, mode=None):
    return call("tuple_union_agg_integer", col, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_intersection_agg_double(col, mode=None):
    return call("tuple_intersection_agg_double", col, option(mode))


def tuple_intersection_agg_integer(col, mode=None):
    return call("tuple_intersection_agg_integer", col, option(mode))


def kll_sketch_agg_bigint(col, k=None):
    return call("kll_sketch_agg_bigint", col, option(k))


def kll_sketch_agg_float(col, k=None):
    return call("kll_sketch_agg_float", col, option(k))


def kll_sketch_agg_double(col, k=None):
    return call("kll_sketch_agg_double", col, option(k))


def kll_merge_agg_bigint(col, k=None):
    return call("kll_merge_agg_bigint", col, option(k))


def kll_merge_agg_float(col, k=None):
    return call("kll_merge_agg_float", col, option(k))


def kll_merge_agg_double(col, k=None):
    return call("kll_merge_agg_double", col, option(k))


def kll_sketch_to_string_bigint(col):
    return call("kll_sketch_to_string_bigint", col)


def kll_sketch_to_string_float(col):
    return call("kll_sketch_to_string_float", col)


def kll_sketch_to_string_double(col):
    return call("kll_sketch_to_string_double", col)


def kll_sketch_get_n_bigint(col):
    return call("kll_sketch_get_n_bigint", col)


def kll_sketch_get_n_float(col):
    return call("kll_sketch_get_n_float", col)


def kll_sketch_get_n_double(col):
    return call("kll_sketch_get_n_double", col)


def kll_sketch_merge_bigint(left, right):
    return call("kll_sketch_merge_bigint", left, right)


def kll_sketch_merge_float(left, right):
    return call("kll_sketch_merge_float", left, right)


def kll_sketch_merge_double(left, right):
    return call("kll_sketch_merge_double", left, right)


def kll_sketch_get_quantile_bigint(sketch, rank):
    return call("kll_sketch_get_quantile_bigint", sketch, rank)


def kll_sketch_get_quantile_float(sketch, rank):
    return call("kll_sketch_get_quantile_float", sketch, rank)


def kll_sketch_get_quantile_double(sketch, rank):
    return call("kll_sketch_get_quantile_double", sketch, rank)


def kll_sketch_get_rank_bigint(sketch, quantile):
    return call("kll_sketch_get_rank_bigint", sketch, quantile)


def kll_sketch_get_rank_float(sketch, quantile):
    return call("kll_sketch_get_rank_float", sketch, quantile)


def kll_sketch_get_rank_double(sketch, quantile):
    return call("kll_sketch_get_rank_double", sketch, quantile)


def theta_sketch_estimate(col):
    return call("theta_sketch_estimate", col)


def theta_union(col1, col2, lgNomEntries=None):
    return call("theta_union", col1, col2, option(lgNomEntries))


def theta_intersection(col1, col2):
    return call("theta_intersection", col1, col2)


def theta_difference(col1, col2):
    return call("theta_difference", col1, col2)


def tuple_sketch_estimate_double(col):
    return call("tuple_sketch_estimate_double", col)


def tuple_sketch_estimate_integer(col):
    return call("tuple_sketch_estimate_integer", col)


def tuple_sketch_summary_double(col, mode=None):
    return call("tuple_sketch_summary_double", col, option(mode))


def tuple_sketch_summary_integer(col, mode=None):
    return call("tuple_sketch_summary_integer", col, option(mode))


def tuple_sketch_theta_double(col):
    return call("tuple_sketch_theta_double", col)


def tuple_sketch_theta_integer(col):
    return call("tuple_sketch_theta_integer", col)


def tuple_union_double(col1, col2, lgNomEntries=None, mode=None):
    return call("tuple_union_double", col1, col2, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_union_integer(col1, col2, lgNomEntries=None, mode=None):
    return call("tuple_union_integer", col1, col2, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_intersection_double(col1, col2, mode=None):
    return call("tuple_intersection_double", col1, col2, option(mode))


def tuple_intersection_integer(col1, col2, mode=None):
    return call("tuple_intersection_integer", col1, col2, option(mode))


def tuple_difference_double(col1, col2):
    return call("tuple_difference_double", col1, col2)


def tuple_difference_integer(col1, col2):
    return call("tuple_difference_integer", col1, col2)


def tuple_difference_theta_double(col1, col2):
    return call("tuple_difference_theta_double", col1, col2)


def tuple_difference_theta_integer(col1, col2):
    return call("tuple_difference_theta_integer", col1, col2)


def tuple_intersection_theta_double(col1, col2, mode=None):
    return call("tuple_intersection_theta_double", col1, col2, option(mode))


def tuple_intersection_theta_integer(col1, col2, mode=None):
    return call("tuple_intersection_theta_integer", col1, col2, option(mode))


def tuple_union_theta_double(col1, col2, lgNomEntries=None, mode=None):
    return call("tuple_union_theta_double", col1, col2, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))


def tuple_union_theta_integer(col1, col2, lgNomEntries=None, mode=None):
    return call("tuple_union_theta_integer", col1, col2, lit_or(lgNomEntries, 12), lit_or(mode, "sum"))
