"""Relation messages: the only builder of them beside _expressions; _requests asks for things to be done with them.

A relation is one node; its inputs are frames of the engine by handle, so a message never holds a tree. A handle is the
text that the engine gave. Messages load with the first plan.
"""
from pyspark_compat import _expressions as ex

_INNER, _FULL, _LEFT, _RIGHT, _ANTI, _SEMI, _CROSS = 1, 2, 3, 4, 5, 6, 7
JOINS = {
    "inner": _INNER, "cross": _CROSS, "outer": _FULL, "full": _FULL, "fullouter": _FULL, "left": _LEFT,
    "leftouter": _LEFT, "right": _RIGHT, "rightouter": _RIGHT, "leftsemi": _SEMI, "semi": _SEMI, "leftanti": _ANTI,
    "anti": _ANTI,
}
INTERSECT, EXCEPT = 1, 3


def _relation():
    from pyspark_compat._proto import relations

    return relations.Relation()


def point(m, handle):
    """Makes a message stand for a frame of the engine."""
    m.cached_remote_relation.relation_id = handle


def cached(handle):
    """A frame of the engine."""
    r = _relation()
    point(r, handle)
    return r


def _fill_all(field, expressions):
    for e in expressions:
        ex.fill(field.add(), e)


# -- leaves --------------------------------------------------------------------------------------------------

def local(data, schema):
    """Rows as an Arrow IPC stream, with the schema as JSON text."""
    r = _relation()
    r.local_relation.data = data
    r.local_relation.schema = schema
    return r


def number_range(start, end, step, partitions):
    r = _relation()
    r.range.start, r.range.end, r.range.step = start, end, step
    if partitions is not None:
        r.range.num_partitions = partitions
    return r


def read(source, schema, options, paths, streaming, name=None):
    """A data source; `schema` is JSON text or None."""
    r = _relation()
    s = r.read.data_source
    s.format = source
    if schema is not None:
        s.schema = schema
    s.options.update(options)
    s.paths.extend(paths)
    if name is not None:
        s.source_name = name
    r.read.is_streaming = streaming
    return r


def table(name, options, streaming):
    r = _relation()
    r.read.named_table.unparsed_identifier = name
    r.read.named_table.options.update(options)
    r.read.is_streaming = streaming
    return r


def sql(text, positional=(), named=None):
    r = _relation()
    r.sql.query = text
    _fill_all(r.sql.pos_arguments, positional)
    for key, e in (named or {}).items():
        ex.fill(r.sql.named_arguments[key], e)
    return r


# -- one input -----------------------------------------------------------------------------------------------

def project(handle, expressions):
    r = _relation()
    point(r.project.input, handle)
    _fill_all(r.project.expressions, expressions)
    return r


def where(handle, condition):
    r = _relation()
    point(r.filter.input, handle)
    ex.fill(r.filter.condition, condition)
    return r


def with_columns(handle, columns):
    """Columns added or replaced: (name, expression, metadata JSON or None)."""
    r = _relation()
    point(r.with_columns.input, handle)
    for name, e, metadata in columns:
        a = r.with_columns.aliases.add()
        a.name.append(name)
        if metadata is not None:
            a.metadata = metadata
        ex.fill(a.expr, e)
    return r


def renamed(handle, pairs):
    r = _relation()
    m = r.with_columns_renamed
    point(m.input, handle)
    for old, new in pairs:
        pair = m.renames.add()
        pair.col_name, pair.new_col_name = old, new
    return r


def drop(handle, expressions, names):
    r = _relation()
    point(r.drop.input, handle)
    _fill_all(r.drop.columns, expressions)
    r.drop.column_names.extend(names)
    return r


def to_df(handle, names):
    r = _relation()
    point(r.to_df.input, handle)
    r.to_df.column_names.extend(names)
    return r


def alias(handle, name):
    r = _relation()
    point(r.subquery_alias.input, handle)
    r.subquery_alias.alias = name
    return r


def limit(handle, count):
    r = _relation()
    point(r.limit.input, handle)
    r.limit.limit = count
    return r


def offset(handle, count):
    r = _relation()
    point(r.offset.input, handle)
    r.offset.offset = count
    return r


def tail(handle, count):
    r = _relation()
    point(r.tail.input, handle)
    r.tail.limit = count
    return r


def sort(handle, orders, whole=True):
    """Sorted as a whole, or each partition by itself."""
    r = _relation()
    point(r.sort.input, handle)
    for o in orders:
        ex.fill_sort_order(r.sort.order.add(), o)
    r.sort.is_global = whole
    return r


def deduplicate(handle, names, within_watermark=False):
    """Without duplicates over the named columns; None means all columns."""
    r = _relation()
    point(r.deduplicate.input, handle)
    if names is None:
        r.deduplicate.all_columns_as_keys = True
    else:
        r.deduplicate.column_names.extend(names)
    r.deduplicate.within_watermark = within_watermark
    return r


def repartition(handle, count, shuffle):
    r = _relation()
    point(r.repartition.input, handle)
    r.repartition.num_partitions = count
    r.repartition.shuffle = shuffle
    return r


def repartition_by(handle, count, expressions):
    r = _relation()
    m = r.repartition_by_expression
    point(m.input, handle)
    _fill_all(m.partition_exprs, expressions)
    if count is not None:
        m.num_partitions = count
    return r


def aggregate(handle, keys, outputs):
    r = _relation()
    point(r.aggregate.input, handle)
    r.aggregate.group_type = 1
    _fill_all(r.aggregate.grouping_expressions, keys)
    _fill_all(r.aggregate.aggregate_expressions, outputs)
    return r


def watermark(handle, column, delay):
    r = _relation()
    point(r.with_watermark.input, handle)
    r.with_watermark.event_time, r.with_watermark.delay_threshold = column, delay
    return r


def observe(handle, name, expressions):
    r = _relation()
    point(r.collect_metrics.input, handle)
    r.collect_metrics.name = name
    _fill_all(r.collect_metrics.metrics, expressions)
    return r


def sample(handle, lower, upper, replacement, seed, ordered=False):
    r = _relation()
    m = r.sample
    point(m.input, handle)
    m.lower_bound, m.upper_bound, m.with_replacement, m.seed = lower, upper, replacement, seed
    m.deterministic_order = ordered
    return r


def hint(handle, name, parameters):
    r = _relation()
    point(r.hint.input, handle)
    r.hint.name = name
    _fill_all(r.hint.parameters, parameters)
    return r


def fill_nulls(handle, names, values):
    """`values` are pairs of a value and its type: one for all columns, or one a name."""
    from pyspark_compat._type_messages import fill_literal

    r = _relation()
    point(r.fill_na.input, handle)
    r.fill_na.cols.extend(names)
    for value, data_type in values:
        fill_literal(r.fill_na.values.add(), value, data_type)
    return r


def drop_nulls(handle, names, least):
    """Rows with at least so many values; None means all."""
    r = _relation()
    point(r.drop_na.input, handle)
    r.drop_na.cols.extend(names)
    if least is not None:
        r.drop_na.min_non_nulls = least
    return r


def replace(handle, names, pairs):
    """`pairs` are of the old and the new value, each with its type."""
    from pyspark_compat._type_messages import fill_literal

    r = _relation()
    point(r.replace.input, handle)
    r.replace.cols.extend(names)
    for old, new in pairs:
        pair = r.replace.replacements.add()
        fill_literal(pair.old_value, *old)
        fill_literal(pair.new_value, *new)
    return r


def map_partitions(handle, function, barrier):
    r = _relation()
    point(r.map_partitions.input, handle)
    ex.fill_python_function(r.map_partitions.func, function)
    r.map_partitions.is_barrier = barrier
    return r


def group_map(handle, keys, function):
    r = _relation()
    point(r.group_map.input, handle)
    _fill_all(r.group_map.grouping_expressions, keys)
    ex.fill_python_function(r.group_map.func, function)
    return r


def group_state(handle, keys, function, output, state, mode, timeout):
    """A function with state by group; `output` and `state` are JSON text of their schemas."""
    r = _relation()
    m = r.apply_in_pandas_with_state
    point(m.input, handle)
    _fill_all(m.grouping_expressions, keys)
    ex.fill_python_function(m.func, function)
    m.output_schema, m.state_schema, m.output_mode, m.timeout_conf = output, state, mode, timeout
    return r


# -- two inputs ----------------------------------------------------------------------------------------------

def join(left, right, condition, kind, using):
    """`kind` is a value of JOINS."""
    r = _relation()
    point(r.join.left, left)
    point(r.join.right, right)
    if condition is not None:
        ex.fill(r.join.join_condition, condition)
    r.join.join_type = kind
    r.join.using_columns.extend(using)
    return r


def cogroup_map(left, left_keys, right, right_keys, function):
    r = _relation()
    m = r.co_group_map
    point(m.input, left)
    _fill_all(m.input_grouping_expressions, left_keys)
    point(m.other, right)
    _fill_all(m.other_grouping_expressions, right_keys)
    ex.fill_python_function(m.func, function)
    return r


def union(left, right, by_name=False, allow_missing=False):
    r = _relation()
    point(r.set_op.left_input, left)
    point(r.set_op.right_input, right)
    r.set_op.set_op_type, r.set_op.is_all = 2, True
    r.set_op.by_name, r.set_op.allow_missing_columns = by_name, allow_missing
    return r


def set_operation(left, right, kind, every):
    """`kind` is INTERSECT or EXCEPT; `every` keeps duplicates."""
    r = _relation()
    point(r.set_op.left_input, left)
    point(r.set_op.right_input, right)
    r.set_op.set_op_type, r.set_op.is_all = kind, every
    return r


# -- catalog -------------------------------------------------------------------------------------------------

def catalog(operation, **values):
    """A catalog operation by the name of its message's field."""
    r = _relation()
    m = getattr(r.catalog, operation)
    m.SetInParent()
    for name, value in values.items():
        if name == "storage_level" and value is not None:
            fill_level(m.storage_level, value)
        elif name == "schema" and value is not None:
            from pyspark_compat._type_messages import fill_type

            fill_type(m.schema, value)
        elif name == "options":
            m.options.update(value)
        elif value is not None:
            setattr(m, name, value)
    return r


def fill_level(m, level):
    m.use_disk, m.use_memory, m.use_off_heap = level.useDisk, level.useMemory, level.useOffHeap
    m.deserialized, m.replication = level.deserialized, level.replication
