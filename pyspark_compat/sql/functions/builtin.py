"""All functions under one roof, as pyspark.sql.functions.builtin; each family has its file."""
import functools as _functools

from pyspark_compat.sql.functions import partitioning as _partitioning
from pyspark_compat.sql.functions._normal import (  # noqa: F401
    asc, asc_nulls_first, asc_nulls_last, bit_count, bit_get, bitwiseNOT, bitwise_not, broadcast, coalesce, col,
    column, desc, desc_nulls_first, desc_nulls_last, expr, getbit, greatest, input_file_name, isnan, isnull, least,
    lit, monotonically_increasing_id, nanvl, rand, randn, random, spark_partition_id, when)
from pyspark_compat.sql.functions._math import (  # noqa: F401
    abs, acos, acosh, asin, asinh, atan, atan2, atanh, bin, bround, cbrt, ceil, ceiling, conv, cos, cosh, cot, csc,
    degrees, e, exp, expm1, factorial, floor, hex, hypot, ln, log, log10, log1p, log2, negate, negative, pi, pmod,
    positive, pow, power, radians, rint, round, sec, shiftLeft, shiftRight, shiftRightUnsigned, shiftleft, shiftright,
    shiftrightunsigned, sign, signum, sin, sinh, sqrt, tan, tanh, toDegrees, toRadians, try_add, try_avg, try_divide,
    try_mod, try_multiply, try_subtract, try_sum, unhex, uniform, width_bucket)
from pyspark_compat.sql.functions._aggregates import (  # noqa: F401
    any_value, approxCountDistinct, approx_count_distinct, approx_percentile, array_agg, avg, bit_and, bit_or,
    bit_xor, bool_and, bool_or, collect_list, collect_set, collect_union, corr, count, countDistinct, count_distinct,
    count_if, count_min_sketch, covar_pop, covar_samp, every, first, first_value, grouping, grouping_id,
    histogram_numeric, kurtosis, last, last_value, listagg, listagg_distinct, max, max_by, mean, median, min, min_by,
    mode, percentile, percentile_approx, product, regr_avgx, regr_avgy, regr_count, regr_intercept, regr_r2,
    regr_slope, regr_sxx, regr_sxy, regr_syy, schema_of_variant_agg, skewness, some, std, stddev, stddev_pop,
    stddev_samp, string_agg, string_agg_distinct, sum, sumDistinct, sum_distinct, var_pop, var_samp, variance)
from pyspark_compat.sql.functions._windows import (  # noqa: F401
    counter_diff, cume_dist, dense_rank, lag, lead, nth_value, ntile, percent_rank, rank, row_number)
from pyspark_compat.sql.functions._nested import (  # noqa: F401
    aggregate, array, array_append, array_compact, array_contains, array_distinct, array_except, array_insert,
    array_intersect, array_join, array_max, array_min, array_position, array_prepend, array_remove, array_repeat,
    array_size, array_sort, array_union, arrays_overlap, arrays_zip, cardinality, concat, create_map, element_at,
    exists, explode, explode_outer, filter, flatten, forall, get, inline, inline_outer, map_concat, map_contains_key,
    map_entries, map_filter, map_from_arrays, map_from_entries, map_keys, map_values, map_zip_with, named_struct,
    posexplode, posexplode_outer, reduce, reverse, sequence, shuffle, size, slice, sort_array, str_to_map, struct,
    transform, transform_keys, transform_values, try_element_at, zip_with)
from pyspark_compat.sql.functions._formats import (  # noqa: F401
    from_csv, from_json, from_xml, get_json_object, is_valid_variant, is_variant_null, json_array_length,
    json_object_keys, json_tuple, parse_json, schema_of_csv, schema_of_json, schema_of_variant, schema_of_xml, to_csv,
    to_json, to_variant_object, to_xml, try_parse_json, try_variant_array_append, try_variant_get, try_variant_insert,
    try_variant_set, variant_array_append, variant_delete, variant_get, variant_insert, variant_set,
    variant_strip_nulls, xpath, xpath_boolean, xpath_double, xpath_float, xpath_int, xpath_long, xpath_number,
    xpath_short, xpath_string)
from pyspark_compat.sql.functions._strings import (  # noqa: F401
    ascii, base64, bit_length, btrim, char, char_length, character_length, chr, collate, collation, concat_ws,
    contains, decode, elt, encode, endswith, find_in_set, format_number, format_string, from_base32, ilike, initcap,
    instr, is_valid_utf8, jaro_winkler_similarity, lcase, left, length, levenshtein, like, locate, lower, lpad, ltrim,
    make_valid_utf8, mask, octet_length, overlay, parse_url, position, printf, quote, randstr, regexp, regexp_count,
    regexp_extract, regexp_extract_all, regexp_instr, regexp_like, regexp_replace, regexp_substr, repeat, replace,
    right, rlike, rpad, rtrim, sentences, soundex, split, split_part, startswith, substr, substring, substring_index,
    to_base32, to_binary, to_char, to_number, to_varchar, translate, trim, try_parse_url, try_to_binary,
    try_to_number, try_url_decode, try_validate_utf8, ucase, unbase64, upper, url_decode, url_encode, validate_utf8)
from pyspark_compat.sql.functions._datetimes import (  # noqa: F401
    add_months, convert_timezone, curdate, current_date, current_time, current_timestamp, current_timezone, date_add,
    date_diff, date_format, date_from_unix_date, date_part, date_sub, date_trunc, dateadd, datediff, datepart, day,
    dayname, dayofmonth, dayofweek, dayofyear, extract, from_unixtime, from_utc_timestamp, hour, last_day,
    localtimestamp, make_date, make_dt_interval, make_interval, make_time, make_timestamp, make_timestamp_ltz,
    make_timestamp_ntz, make_ym_interval, minute, month, monthname, months_between, next_day, now, quarter, second,
    session_window, time_bucket, time_diff, time_from_micros, time_from_millis, time_from_seconds, time_to_micros,
    time_to_millis, time_to_seconds, time_trunc, timestamp_add, timestamp_diff, timestamp_micros, timestamp_millis,
    timestamp_nanos, timestamp_seconds, to_date, to_time, to_timestamp, to_timestamp_ltz, to_timestamp_ntz,
    to_unix_timestamp, to_utc_timestamp, trunc, try_make_interval, try_make_timestamp, try_make_timestamp_ltz,
    try_make_timestamp_ntz, try_to_date, try_to_time, try_to_timestamp, unix_date, unix_micros, unix_millis,
    unix_nanos, unix_seconds, unix_timestamp, weekday, weekofyear, window, window_time, year)
from pyspark_compat.sql.functions._misc import (  # noqa: F401
    aes_decrypt, aes_encrypt, assert_true, bitmap_and_agg, bitmap_bit_position, bitmap_bucket_number,
    bitmap_construct_agg, bitmap_count, bitmap_or_agg, call_function, call_udf, crc32, current_catalog,
    current_database, current_path, current_schema, current_user, equal_null, hash, hmac, ifnull,
    input_file_block_length, input_file_block_start, isnotnull, java_method, md5, nullif, nullifzero, nvl, nvl2,
    raise_error, reflect, session_user, sha, sha1, sha2, st_asbinary, st_geogfromwkb, st_geomfromwkb, st_setsrid,
    st_srid, stack, try_aes_decrypt, try_reflect, typeof, unwrap_udt, user, uuid, vector_avg,
    vector_cosine_similarity, vector_inner_product, vector_l2_distance, vector_norm, vector_normalize, vector_sum,
    version, xxhash64, zeroifnull)
from pyspark_compat.sql.functions._sketches import (  # noqa: F401
    hll_sketch_agg, hll_sketch_estimate, hll_union, hll_union_agg, kll_merge_agg_bigint, kll_merge_agg_double,
    kll_merge_agg_float, kll_sketch_agg_bigint, kll_sketch_agg_double, kll_sketch_agg_float, kll_sketch_get_n_bigint,
    kll_sketch_get_n_double, kll_sketch_get_n_float, kll_sketch_get_quantile_bigint, kll_sketch_get_quantile_double,
    kll_sketch_get_quantile_float, kll_sketch_get_rank_bigint, kll_sketch_get_rank_double, kll_sketch_get_rank_float,
    kll_sketch_merge_bigint, kll_sketch_merge_double, kll_sketch_merge_float, kll_sketch_to_string_bigint,
    kll_sketch_to_string_double, kll_sketch_to_string_float, theta_difference, theta_intersection,
    theta_intersection_agg, theta_sketch_agg, theta_sketch_estimate, theta_union, theta_union_agg,
    tuple_difference_double, tuple_difference_integer, tuple_difference_theta_double, tuple_difference_theta_integer,
    tuple_intersection_agg_double, tuple_intersection_agg_integer, tuple_intersection_double,
    tuple_intersection_integer, tuple_intersection_theta_double, tuple_intersection_theta_integer,
    tuple_sketch_agg_double, tuple_sketch_agg_integer, tuple_sketch_estimate_double, tuple_sketch_estimate_integer,
    tuple_sketch_summary_double, tuple_sketch_summary_integer, tuple_sketch_theta_double, tuple_sketch_theta_integer,
    tuple_union_agg_double, tuple_union_agg_integer, tuple_union_double, tuple_union_integer,
    tuple_union_theta_double, tuple_union_theta_integer)
from pyspark_compat.sql.functions._call import deprecated as _deprecated  # noqa: F401
from pyspark_compat_worker.errors import not_implemented as _not_implemented
from pyspark_compat_worker.types_base import DataType as _DataType, StringType as _StringType


def years(col):
    _deprecated("4.0.0", "partitioning.years")
    return _partitioning.years(col)


def months(col):
    _deprecated("4.0.0", "partitioning.months")
    return _partitioning.months(col)


def days(col):
    _deprecated("4.0.0", "partitioning.days")
    return _partitioning.days(col)


def hours(col):
    _deprecated("4.0.0", "partitioning.hours")
    return _partitioning.hours(col)


def bucket(numBuckets, col):
    _deprecated("4.0.0", "partitioning.bucket")
    return _partitioning.bucket(numBuckets, col)


def udf(f=None, returnType=_StringType(), *, useArrow=None):
    from pyspark_compat.sql.udf import _create_py_udf

    if f is None or isinstance(f, (str, _DataType)):
        return _functools.partial(_create_py_udf, returnType=f or returnType, useArrow=useArrow)
    return _create_py_udf(f, returnType, useArrow)


def udtf(cls=None, *, returnType=None, useArrow=None):
    raise _not_implemented("udtf")


def arrow_udtf(cls=None, *, returnType=None):
    raise _not_implemented("arrow_udtf")
