"""Strings and bytes."""
from pyspark_compat.sql.functions._call import Column, call, column_or, given, lit, number, option, plain, wrong_type
from pyspark_compat.sql.functions._call import seed as _seed


def upper(col):
    """The text in upper case."""
    return call("upper", col)


def lower(col):
    """The text in lower case."""
    return call("lower", col)


def ascii(col):
    return call("ascii", col)


def base64(col):
    return call("base64", col)


def to_base32(col):
    return call("to_base32", col)


def unbase64(col):
    return call("unbase64", col)


def from_base32(col):
    return call("from_base32", col)


def concat_ws(sep, *cols):
    """The texts that are not null, with the separator between them."""
    return call("concat_ws", lit(sep), *cols)


def decode(col, charset):
    return call("decode", col, lit(charset))


def encode(col, charset):
    return call("encode", col, lit(charset))


def is_valid_utf8(str):
    return call("is_valid_utf8", str)


def make_valid_utf8(str):
    return call("make_valid_utf8", str)


def validate_utf8(str):
    return call("validate_utf8", str)


def try_validate_utf8(str):
    return call("try_validate_utf8", str)


def format_number(col, d):
    return call("format_number", col, lit(d))


def format_string(format, *cols):
    return call("format_string", lit(format), *cols)


def substring_index(str, delim, count):
    return call("substring_index", str, lit(delim), lit(count))


def levenshtein(left, right, threshold=None):
    return call("levenshtein", left, right, option(threshold))


def jaro_winkler_similarity(left, right):
    return call("jaro_winkler_similarity", left, right)


def locate(substr, str, pos=1):
    return call("locate", lit(substr), str, lit(pos))


def lpad(col, len, pad):
    return call("lpad", col, lit(len), lit(pad))


def rpad(col, len, pad):
    return call("rpad", col, lit(len), lit(pad))


def repeat(col, n):
    return call("repeat", col, number(n))


def split(str, pattern, limit=-1):
    """The parts of a text between matches of a regular expression, at most limit of them where it is above 0."""
    return call("split", str, lit(pattern), number(limit))


def rlike(str, regexp):
    return call("rlike", str, regexp)


def regexp(str, regexp):
    return call("regexp", str, regexp)


def regexp_like(str, regexp):
    return call("regexp_like", str, regexp)


def regexp_count(str, regexp):
    return call("regexp_count", str, regexp)


def regexp_extract(str, pattern, idx):
    """A group of the first match of a regular expression, else an empty text."""
    return call("regexp_extract", str, lit(pattern), lit(idx))


def regexp_extract_all(str, regexp, idx=None):
    return call("regexp_extract_all", str, regexp, option(idx))


def regexp_replace(string, pattern, replacement, position=None):
    """The text with every match of a regular expression replaced."""
    return call("regexp_replace", string, lit(pattern), lit(replacement), option(position))


def regexp_substr(str, regexp):
    return call("regexp_substr", str, regexp)


def regexp_instr(str, regexp, idx=None):
    return call("regexp_instr", str, regexp, option(idx))


def initcap(col):
    return call("initcap", col)


def soundex(col):
    return call("soundex", col)


def length(col):
    """The number of characters, or of bytes of a binary."""
    return call("length", col)


def octet_length(col):
    return call("octet_length", col)


def bit_length(col):
    return call("bit_length", col)


def translate(srcCol, matching, replace):
    return call("translate", srcCol, lit(matching), lit(replace))


def to_binary(col, format=None):
    return call("to_binary", col, given(format))


def to_char(col, format):
    return call("to_char", col, format)


def to_varchar(col, format):
    return call("to_varchar", col, format)


def to_number(col, format):
    return call("to_number", col, format)


def replace(src, search, replace=None):
    return call("replace", src, search, given(replace))


def split_part(src, delimiter, partNum):
    return call("split_part", src, delimiter, partNum)


def substr(str, pos, len=None):
    return call("substr", str, pos, given(len))


def parse_url(url, partToExtract, key=None):
    return call("parse_url", url, partToExtract, given(key))


def try_parse_url(url, partToExtract, key=None):
    return call("try_parse_url", url, partToExtract, given(key))


def printf(format, *cols):
    return call("printf", format, *cols)


def url_decode(str):
    return call("url_decode", str)


def try_url_decode(str):
    return call("try_url_decode", str)


def url_encode(str):
    return call("url_encode", str)


def position(substr, str, start=None):
    return call("position", substr, str, given(start))


def endswith(str, suffix):
    return call("endswith", str, suffix)


def startswith(str, prefix):
    return call("startswith", str, prefix)


def char(col):
    return call("char", col)


def try_to_binary(col, format=None):
    return call("try_to_binary", col, given(format))


def try_to_number(col, format):
    return call("try_to_number", col, format)


def btrim(str, trim=None):
    return call("btrim", str, given(trim))


def char_length(str):
    return call("char_length", str)


def character_length(str):
    return call("character_length", str)


def chr(n):
    return call("chr", n)


def contains(left, right):
    return call("contains", left, right)


def elt(*inputs):
    return call("elt", *inputs)


def find_in_set(str, str_array):
    return call("find_in_set", str, str_array)


def like(str, pattern, escapeChar=None):
    return call("like", str, pattern, given(escapeChar))


def ilike(str, pattern, escapeChar=None):
    return call("ilike", str, pattern, given(escapeChar))


def lcase(str):
    return call("lcase", str)


def ucase(str):
    return call("ucase", str)


def left(str, len):
    return call("left", str, len)


def right(str, len):
    return call("right", str, len)


def collate(col, collation):
    return call("collate", col, lit(collation))


def collation(col):
    return call("collation", col)


def quote(col):
    return call("quote", col)


def trim(col, trim=None):
    return call("trim", col) if trim is None else call("trim", trim, col)


def ltrim(col, trim=None):
    return call("ltrim", col) if trim is None else call("ltrim", trim, col)


def rtrim(col, trim=None):
    return call("rtrim", col) if trim is None else call("rtrim", trim, col)


def instr(str, substr, start=None, occurrence=None):
    if start is None and occurrence is not None:
        start = 1
    return call("instr", str, lit(substr), option(start), option(occurrence))


def overlay(src, replace, pos, len=-1):
    for name, value in (("pos", pos), ("len", len)):
        if not isinstance(plain(value), (int, str, Column)):
            raise wrong_type("Column, int or str", name, value)
    return call("overlay", src, replace, number(pos), number(len))


def substring(str, pos, len):
    return call("substring", str, number(pos), number(len))


def sentences(string, language=None, country=None):
    return call("sentences", string, column_or(language, ""), column_or(country, ""))


def randstr(length, seed=None):
    return call("randstr", lit(length), _seed() if seed is None else lit(seed))


def mask(col, upperChar=None, lowerChar=None, digitChar=None, otherChar=None):
    return call("mask", col, column_or(upperChar, "X"), column_or(lowerChar, "x"), column_or(digitChar, "n"),
                column_or(otherChar, None))
