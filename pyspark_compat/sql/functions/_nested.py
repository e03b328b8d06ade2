"""Arrays, maps and structs, with the functions that take Python functions of columns."""
from pyspark_compat.sql.functions._call import (
    Column,
    call,
    call_higher,
    column_or,
    given,
    lit,
    number,
    option,
    plain,
    spread,
    wrong_type,
)
from pyspark_compat.sql.functions._call import seed as _seed


def array_append(col, value):
    return call("array_append", col, lit(value))


def array_contains(col, value):
    return call("array_contains", col, lit(value))


def array_distinct(col):
    return call("array_distinct", col)


def array_except(col1, col2):
    return call("array_except", col1, col2)


def array_insert(arr, pos, value):
    return call("array_insert", arr, number(pos), lit(value))


def array_intersect(col1, col2):
    return call("array_intersect", col1, col2)


def array_compact(col):
    return call("array_compact", col)


def array_join(col, delimiter, null_replacement=None):
    return call("array_join", col, lit(delimiter), option(null_replacement))


def array_max(col):
    return call("array_max", col)


def array_min(col):
    return call("array_min", col)


def array_size(col):
    return call("array_size", col)


def cardinality(col):
    return call("cardinality", col)


def array_position(col, value):
    return call("array_position", col, lit(value))


def array_prepend(col, value):
    return call("array_prepend", col, lit(value))


def array_remove(col, element):
    return call("array_remove", col, lit(element))


def array_repeat(col, count):
    return call("array_repeat", col, number(count))


def array_union(col1, col2):
    return call("array_union", col1, col2)


def arrays_overlap(a1, a2):
    return call("arrays_overlap", a1, a2)


def arrays_zip(*cols):
    return call("arrays_zip", *cols)


def concat(*cols):
    """The texts, or arrays, one after the other."""
    return call("concat", *cols)


def element_at(col, extraction):
    return call("element_at", col, lit(extraction))


def try_element_at(col, extraction):
    return call("try_element_at", col, extraction)


def explode(col):
    """A row for each item of an array, or for each pair of a map."""
    return call("explode", col)


def explode_outer(col):
    """As explode; an empty or null one gives a row of null."""
    return call("explode_outer", col)


def flatten(col):
    return call("flatten", col)


def get(col, index):
    return call("get", col, number(index))


def inline(col):
    return call("inline", col)


def inline_outer(col):
    return call("inline_outer", col)


def map_contains_key(col, value):
    return call("map_contains_key", col, lit(value))


def map_entries(col):
    return call("map_entries", col)


def map_from_arrays(col1, col2):
    return call("map_from_arrays", col1, col2)


def map_from_entries(col):
    return call("map_from_entries", col)


def map_keys(col):
    return call("map_keys", col)


def map_values(col):
    return call("map_values", col)


def posexplode(col):
    return call("posexplode", col)


def posexplode_outer(col):
    return call("posexplode_outer", col)


def reverse(col):
    return call("reverse", col)


def sequence(start, stop, step=None):
    return call("sequence", start, stop, given(step))


def size(col):
    return call("size", col)


def sort_array(col, asc=True):
    return call("sort_array", col, lit(asc))


def named_struct(*cols):
    return call("named_struct", *cols)


def array(*cols):
    """An array of the columns' values."""
    return call("array", *spread(cols))


def create_map(*cols):
    return call("map", *spread(cols))


def map_concat(*cols):
    return call("map_concat", *spread(cols))


def struct(*cols):
    """A struct of the columns."""
    return call("struct", *spread(cols))


def aggregate(col, initialValue, merge, finish=None):
    return call_higher("aggregate", [col, initialValue], [merge] if finish is None else [merge, finish])


def reduce(col, initialValue, merge, finish=None):
    return call_higher("reduce", [col, initialValue], [merge] if finish is None else [merge, finish])


def array_sort(col, comparator=None):
    return call_higher("array_sort", [col], [] if comparator is None else [comparator])


def exists(col, f):
    return call_higher("exists", [col], [f])


def filter(col, f):
    return call_higher("filter", [col], [f])


def forall(col, f):
    return call_higher("forall", [col], [f])


def transform(col, f):
    return call_higher("transform", [col], [f])


def map_filter(col, f):
    return call_higher("map_filter", [col], [f])


def map_zip_with(col1, col2, f):
    return call_higher("map_zip_with", [col1, col2], [f])


def transform_keys(col, f):
    return call_higher("transform_keys", [col], [f])


def transform_values(col, f):
    return call_higher("transform_values", [col], [f])


def zip_with(left, right, f):
    return call_higher("zip_with", [left, right], [f])


def str_to_map(text, pairDelim=None, keyValueDelim=None):
    return call("str_to_map", text, column_or(pairDelim, ","), column_or(keyValueDelim, ":"))


def shuffle(col, seed=None):
    return call("shuffle", col, _seed() if seed is None else lit(seed))


def slice(x, start, length):
    return call("slice", x, _bound(start, "start"), _bound(length, "length"))


def _bound(value, name):
    if not isinstance(plain(value), (int, str, Column)):
        raise wrong_type("Column, int or str", name, value)
    return number(value)
