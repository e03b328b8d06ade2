"""Session facts, hashes, encryption, null handling, bitmaps, vectors, shapes and calls by name."""
from pyspark_compat.sql.functions._call import (
    MISSING,
    Column,
    PySparkValueError,
    call,
    column_or,
    ex,
    expression,
    given,
    lit,
    number,
    option,
    option_number,
    plain,
    text_or_column,
)
from pyspark_compat.sql.functions._call import seed as _seed


def current_catalog():
    return call("current_catalog")


def current_path():
    return call("current_path")


def current_database():
    return call("current_database")


def current_schema():
    return call("current_schema")


def current_user():
    return call("current_user")


def user():
    return call("user")


def session_user():
    return call("session_user")


def crc32(col):
    return call("crc32", col)


def hash(*cols):
    return call("hash", *cols)


def xxhash64(*cols):
    return call("xxhash64", *cols)


def md5(col):
    return call("md5", col)


def sha1(col):
    return call("sha1", col)


def ifnull(col1, col2):
    return call("ifnull", col1, col2)


def isnotnull(col):
    return call("isnotnull", col)


def equal_null(col1, col2):
    return call("equal_null", col1, col2)


def nullif(col1, col2):
    return call("nullif", col1, col2)


def nullifzero(col):
    return call("nullifzero", col)


def nvl(col1, col2):
    return call("nvl", col1, col2)


def nvl2(col1, col2, col3):
    return call("nvl2", col1, col2, col3)


def zeroifnull(col):
    return call("zeroifnull", col)


def hmac(key, message, algorithm=None):
    return call("hmac", key, message, given(algorithm))


def sha(col):
    return call("sha", col)


def input_file_block_length():
    return call("input_file_block_length")


def input_file_block_start():
    return call("input_file_block_start")


def reflect(*cols):
    return call("reflect", *cols)


def java_method(*cols):
    return call("java_method", *cols)


def try_reflect(*cols):
    return call("try_reflect", *cols)


def version():
    return call("version")


def typeof(col):
    return call("typeof", col)


def stack(*cols):
    return call("stack", *cols)


def bitmap_bit_position(col):
    return call("bitmap_bit_position", col)


def bitmap_bucket_number(col):
    return call("bitmap_bucket_number", col)


def bitmap_construct_agg(col):
    return call("bitmap_construct_agg", col)


def bitmap_count(col):
    return call("bitmap_count", col)


def bitmap_or_agg(col):
    return call("bitmap_or_agg", col)


def bitmap_and_agg(col):
    return call("bitmap_and_agg", col)


def st_geogfromwkb(wkb):
    return call("st_geogfromwkb", wkb)


def st_geomfromwkb(wkb, srid=None):
    return call("st_geomfromwkb", wkb, option_number(srid))


def st_setsrid(geo, srid):
    return call("st_setsrid", geo, number(srid))


def st_srid(geo):
    return call("st_srid", geo)


def vector_cosine_similarity(left, right):
    return call("vector_cosine_similarity", left, right)


def vector_inner_product(left, right):
    return call("vector_inner_product", left, right)


def vector_l2_distance(left, right):
    return call("vector_l2_distance", left, right)


def vector_norm(vector, degree=None):
    return call("vector_norm", vector, given(degree))


def vector_normalize(vector, degree=None):
    return call("vector_normalize", vector, given(degree))


def vector_avg(col):
    return call("vector_avg", col)


def vector_sum(col):
    return call("vector_sum", col)


def uuid(seed=None):
    return call("uuid", _seed() if seed is None else lit(seed))


def assert_true(col, errMsg=None):
    return call("assert_true", col, MISSING if errMsg is None else text_or_column(errMsg, "errMsg"))


def raise_error(errMsg):
    return call("raise_error", text_or_column(errMsg, "errMsg"))


def sha2(col, numBits):
    numBits = plain(numBits)
    if numBits not in (0, 224, 256, 384, 512):
        raise PySparkValueError(errorClass="VALUE_NOT_ALLOWED", messageParameters={
            "arg_name": "numBits", "allowed_values": "[0, 224, 256, 384, 512]"})
    return call("sha2", col, lit(numBits))


def aes_encrypt(input, key, mode=None, padding=None, iv=None, aad=None):
    return call("aes_encrypt", input, key, column_or(mode, "GCM"), column_or(padding, "DEFAULT"), column_or(iv, ""),
                column_or(aad, ""))


def aes_decrypt(input, key, mode=None, padding=None, aad=None):
    return call("aes_decrypt", input, key, column_or(mode, "GCM"), column_or(padding, "DEFAULT"), column_or(aad, ""))


def try_aes_decrypt(input, key, mode=None, padding=None, aad=None):
    return call("try_aes_decrypt", input, key, column_or(mode, "GCM"), column_or(padding, "DEFAULT"),
                column_or(aad, ""))


def st_asbinary(geo, endianness=None):
    return call("st_asbinary", geo, option(endianness))


def call_udf(udfName, *cols):
    return Column(ex.call(udfName, [expression(c) for c in cols]))


def call_function(funcName, *cols):
    return Column(ex.call(funcName, [expression(c) for c in cols]))


def unwrap_udt(col):
    return call("unwrap_udt", col)
