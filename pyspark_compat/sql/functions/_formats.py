"""JSON, CSV, XML and variants."""
from pyspark_compat_worker.types_base import DataType
from pyspark_compat_worker.types_nested import StructType

from pyspark_compat.sql.functions._call import Column, call, lit, not_empty, options_map, text_or_column, wrong_type


def _schema(schema, kind, expected):
    if isinstance(schema, kind):
        return lit(schema.json())
    if not isinstance(schema, (str, Column)):
        raise wrong_type(expected, "schema", schema)
    return lit(schema)


def from_json(col, schema, options=None):
    """The value that JSON text says, of the schema; null where the text is malformed."""
    return call("from_json", col, _schema(schema, DataType, "Column, str or DataType"), options_map(options))


def from_xml(col, schema, options=None):
    return call("from_xml", col, _schema(schema, StructType, "StructType, Column or str"), options_map(options))


def from_csv(col, schema, options=None):
    return call("from_csv", col, text_or_column(schema, "schema"), options_map(options))


def to_json(col, options=None):
    """JSON text of a struct, an array or a map."""
    return call("to_json", col, options_map(options))


def to_csv(col, options=None):
    return call("to_csv", col, options_map(options))


def to_xml(col, options=None):
    return call("to_xml", col, options_map(options))


def schema_of_json(json, options=None):
    return call("schema_of_json", text_or_column(json, "json"), options_map(options))


def schema_of_csv(csv, options=None):
    return call("schema_of_csv", text_or_column(csv, "csv"), options_map(options))


def schema_of_xml(xml, options=None):
    return call("schema_of_xml", text_or_column(xml, "xml"), options_map(options))


def json_tuple(col, *fields):
    not_empty(fields, "field")
    return call("json_tuple", col, *map(lit, fields))


def variant_delete(v, *paths):
    not_empty(paths, "paths")
    return call("variant_delete", v, *map(lit, paths))


def variant_get(v, path, targetType):
    assert isinstance(path, (Column, str))
    return call("variant_get", v, lit(path), lit(targetType))


def try_variant_get(v, path, targetType):
    assert isinstance(path, (Column, str))
    return call("try_variant_get", v, lit(path), lit(targetType))


def get_json_object(col, path):
    return call("get_json_object", col, lit(path))


def json_array_length(col):
    return call("json_array_length", col)


def json_object_keys(col):
    return call("json_object_keys", col)


def try_parse_json(col):
    return call("try_parse_json", col)


def to_variant_object(col):
    return call("to_variant_object", col)


def parse_json(col):
    return call("parse_json", col)


def is_variant_null(v):
    return call("is_variant_null", v)


def is_valid_variant(v):
    return call("is_valid_variant", v)


def variant_insert(v, path, value):
    return call("variant_insert", v, lit(path), value)


def try_variant_insert(v, path, value):
    return call("try_variant_insert", v, lit(path), value)


def variant_set(v, path, value, create_if_missing=True):
    return call("variant_set", v, lit(path), value, lit(create_if_missing))


def try_variant_set(v, path, value, create_if_missing=True):
    return call("try_variant_set", v, lit(path), value, lit(create_if_missing))


def variant_array_append(v, path, value):
    return call("variant_array_append", v, lit(path), value)


def try_variant_array_append(v, path, value):
    return call("try_variant_array_append", v, lit(path), value)


def variant_strip_nulls(v, include_arrays=True):
    return call("variant_strip_nulls", v, lit(include_arrays))


def schema_of_variant(v):
    return call("schema_of_variant", v)


def xpath(xml, path):
    return call("xpath", xml, path)


def xpath_boolean(xml, path):
    return call("xpath_boolean", xml, path)


def xpath_double(xml, path):
    return call("xpath_double", xml, path)


def xpath_number(xml, path):
    return call("xpath_number", xml, path)


def xpath_float(xml, path):
    return call("xpath_float", xml, path)


def xpath_int(xml, path):
    return call("xpath_int", xml, path)


def xpath_long(xml, path):
    return call("xpath_long", xml, path)


def xpath_short(xml, path):
    return call("xpath_short", xml, path)


def xpath_string(xml, path):
    return call("xpath_string", xml, path)
