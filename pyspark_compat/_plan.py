"""Relation and command messages: the only builder of them beside _expressions.

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
SAVE_MODES = {"append": 1, "overwrite": 2, "error": 3, "errorifexists": 3, "default": 3, "ignore": 4}
EXPLAIN_MODES = {"simple": 1, "extended": 2, "codegen": 3, "cost": 4, "formatted": 5}
CALLBACK = b"foreachBatch"  # marks a function that stays in this process


def _relation():
    from pyspark_compat._proto import relations

    return relations.Relation()


def _plan():
    from pyspark_compat._proto import base

    return base.Plan()


def _point(m, handle):
    m.cached_remote_relation.relation_id = handle


def cached(handle):
    """A frame of the engine."""
    r = _relation()
    _point(r, handle)
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
    _point(r.project.input, handle)
    _fill_all(r.project.expressions, expressions)
    return r


def where(handle, condition):
    r = _relation()
    _point(r.filter.input, handle)
    ex.fill(r.filter.condition, condition)
    return r


def with_columns(handle, columns):
    """Columns added or replaced: (name, expression, metadata JSON or None)."""
    r = _relation()
    _point(r.with_columns.input, handle)
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
    _point(m.input, handle)
    for old, new in pairs:
        pair = m.renames.add()
        pair.col_name, pair.new_col_name = old, new
    return r


def drop(handle, expressions, names):
    r = _relation()
    _point(r.drop.input, handle)
    _fill_all(r.drop.columns, expressions)
    r.drop.column_names.extend(names)
    return r


def to_df(handle, names):
    r = _relation()
    _point(r.to_df.input, handle)
    r.to_df.column_names.extend(names)
    return r


def alias(handle, name):
    r = _relation()
    _point(r.subquery_alias.input, handle)
    r.subquery_alias.alias = name
    return r


def limit(handle, count):
    r = _relation()
    _point(r.limit.input, handle)
    r.limit.limit = count
    return r


def offset(handle, count):
    r = _relation()
    _point(r.offset.input, handle)
    r.offset.offset = count
    return r


def tail(handle, count):
    r = _relation()
    _point(r.tail.input, handle)
    r.tail.limit = count
    return r


def sort(handle, orders, whole=True):
    """Sorted as a whole, or each partition by itself."""
    r = _relation()
    _point(r.sort.input, handle)
    for o in orders:
        ex.fill_sort_order(r.sort.order.add(), o)
    r.sort.is_global = whole
    return r


def deduplicate(handle, names, within_watermark=False):
    """Without duplicates over the named columns; None means all columns."""
    r = _relation()
    _point(r.deduplicate.input, handle)
    if names is None:
        r.deduplicate.all_columns_as_keys = True
    else:
        r.deduplicate.column_names.extend(names)
    r.deduplicate.within_watermark = within_watermark
    return r


def repartition(handle, count, shuffle):
    r = _relation()
    _point(r.repartition.input, handle)
    r.repartition.num_partitions = count
    r.repartition.shuffle = shuffle
    return r


def repartition_by(handle, count, expressions):
    r = _relation()
    m = r.repartition_by_expression
    _point(m.input, handle)
    _fill_all(m.partition_exprs, expressions)
    if count is not None:
        m.num_partitions = count
    return r


def aggregate(handle, keys, outputs):
    r = _relation()
    _point(r.aggregate.input, handle)
    r.aggregate.group_type = 1
    _fill_all(r.aggregate.grouping_expressions, keys)
    _fill_all(r.aggregate.aggregate_expressions, outputs)
    return r


def watermark(handle, column, delay):
    r = _relation()
    _point(r.with_watermark.input, handle)
    r.with_watermark.event_time, r.with_watermark.delay_threshold = column, delay
    return r


def observe(handle, name, expressions):
    r = _relation()
    _point(r.collect_metrics.input, handle)
    r.collect_metrics.name = name
    _fill_all(r.collect_metrics.metrics, expressions)
    return r


def sample(handle, lower, upper, replacement, seed, ordered=False):
    r = _relation()
    m = r.sample
    _point(m.input, handle)
    m.lower_bound, m.upper_bound, m.with_replacement, m.seed = lower, upper, replacement, seed
    m.deterministic_order = ordered
    return r


def hint(handle, name, parameters):
    r = _relation()
    _point(r.hint.input, handle)
    r.hint.name = name
    _fill_all(r.hint.parameters, parameters)
    return r


def fill_nulls(handle, names, values):
    """`values` are pairs of a value and its type: one for all columns, or one a name."""
    from pyspark_compat._type_messages import fill_literal

    r = _relation()
    _point(r.fill_na.input, handle)
    r.fill_na.cols.extend(names)
    for value, data_type in values:
        fill_literal(r.fill_na.values.add(), value, data_type)
    return r


def drop_nulls(handle, names, least):
    """Rows with at least so many values; None means all."""
    r = _relation()
    _point(r.drop_na.input, handle)
    r.drop_na.cols.extend(names)
    if least is not None:
        r.drop_na.min_non_nulls = least
    return r


def replace(handle, names, pairs):
    """`pairs` are of the old and the new value, each with its type."""
    from pyspark_compat._type_messages import fill_literal

    r = _relation()
    _point(r.replace.input, handle)
    r.replace.cols.extend(names)
    for old, new in pairs:
        pair = r.replace.replacements.add()
        fill_literal(pair.old_value, *old)
        fill_literal(pair.new_value, *new)
    return r


def map_partitions(handle, function, barrier):
    r = _relation()
    _point(r.map_partitions.input, handle)
    ex.fill_python_function(r.map_partitions.func, function)
    r.map_partitions.is_barrier = barrier
    return r


def group_map(handle, keys, function):
    r = _relation()
    _point(r.group_map.input, handle)
    _fill_all(r.group_map.grouping_expressions, keys)
    ex.fill_python_function(r.group_map.func, function)
    return r


def group_state(handle, keys, function, output, state, mode, timeout):
    """A function with state by group; `output` and `state` are JSON text of their schemas."""
    r = _relation()
    m = r.apply_in_pandas_with_state
    _point(m.input, handle)
    _fill_all(m.grouping_expressions, keys)
    ex.fill_python_function(m.func, function)
    m.output_schema, m.state_schema, m.output_mode, m.timeout_conf = output, state, mode, timeout
    return r


# -- two inputs ----------------------------------------------------------------------------------------------

def join(left, right, condition, kind, using):
    """`kind` is a value of JOINS."""
    r = _relation()
    _point(r.join.left, left)
    _point(r.join.right, right)
    if condition is not None:
        ex.fill(r.join.join_condition, condition)
    r.join.join_type = kind
    r.join.using_columns.extend(using)
    return r


def cogroup_map(left, left_keys, right, right_keys, function):
    r = _relation()
    m = r.co_group_map
    _point(m.input, left)
    _fill_all(m.input_grouping_expressions, left_keys)
    _point(m.other, right)
    _fill_all(m.other_grouping_expressions, right_keys)
    ex.fill_python_function(m.func, function)
    return r


def union(left, right, by_name=False, allow_missing=False):
    r = _relation()
    _point(r.set_op.left_input, left)
    _point(r.set_op.right_input, right)
    r.set_op.set_op_type, r.set_op.is_all = 2, True
    r.set_op.by_name, r.set_op.allow_missing_columns = by_name, allow_missing
    return r


def set_operation(left, right, kind, every):
    """`kind` is INTERSECT or EXCEPT; `every` keeps duplicates."""
    r = _relation()
    _point(r.set_op.left_input, left)
    _point(r.set_op.right_input, right)
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
            _fill_level(m.storage_level, value)
        elif name == "schema" and value is not None:
            from pyspark_compat._type_messages import fill_type

            fill_type(m.schema, value)
        elif name == "options":
            m.options.update(value)
        elif value is not None:
            setattr(m, name, value)
    return r


def _fill_level(m, level):
    m.use_disk, m.use_memory, m.use_off_heap = level.useDisk, level.useMemory, level.useOffHeap
    m.deserialized, m.replication = level.deserialized, level.replication


# -- plans ---------------------------------------------------------------------------------------------------

def run(relation):
    """The plan that gives a relation's rows."""
    plan = _plan()
    plan.root.CopyFrom(relation)
    return plan


def rows(handle):
    """The plan that gives a frame's rows."""
    plan = _plan()
    _point(plan.root, handle)
    return plan


def show(handle, count, truncate, vertical):
    plan = _plan()
    m = plan.root.show_string
    _point(m.input, handle)
    m.num_rows, m.truncate, m.vertical = count, truncate, vertical
    return plan


def html(handle, count, truncate):
    plan = _plan()
    m = plan.root.html_string
    _point(m.input, handle)
    m.num_rows, m.truncate = count, truncate
    return plan


def write(handle, source, mode, options, path=None, partitions=()):
    """Saves a frame; `mode` is a value of SAVE_MODES."""
    plan = _plan()
    m = plan.command.write_operation
    _point(m.input, handle)
    if source is not None:
        m.source = source
    m.mode = mode
    m.options.update(options)
    m.partitioning_columns.extend(partitions)
    if path is not None:
        m.path = path
    return plan


def view(handle, name, whole_application, replace):
    plan = _plan()
    m = plan.command.create_dataframe_view
    _point(m.input, handle)
    m.name, m.is_global, m.replace = name, whole_application, replace
    return plan


def function(udf):
    """Names a Python function for SQL."""
    plan = _plan()
    ex.fill_python_function(plan.command.register_function, udf)
    return plan


def write_table(handle, source, mode, options, table, partitions, insert):
    """Saves a frame as a table; `insert` puts its rows, by position, into a table that exists."""
    plan = write(handle, source, mode, options, partitions=partitions)
    m = plan.command.write_operation.table
    m.table_name = table
    m.save_method = m.TABLE_SAVE_METHOD_INSERT_INTO if insert else m.TABLE_SAVE_METHOD_SAVE_AS_TABLE
    return plan


def statement(relation):
    """Runs a SQL statement that is no query, given as the relation of its text."""
    plan = _plan()
    plan.command.sql_command.input.CopyFrom(relation)
    return plan


def write_stream(handle, source, options, mode, name, trigger, path, callback, partitions=(), table=None,
                 writer=None):
    """Starts a streaming query. `trigger` is (field, value) or None; `callback` says whether batches come back here.

    `writer` is the pickled writer of foreach, or None.
    """
    plan = _plan()
    m = plan.command.write_stream_operation_start
    _point(m.input, handle)
    if source is not None:
        m.format = source
    m.options.update(options)
    if mode is not None:
        m.output_mode = mode
    if name is not None:
        m.query_name = name
    if trigger is not None:
        setattr(m, *trigger)
    m.partitioning_column_names.extend(partitions)
    if path is not None:
        m.path = path
    if table is not None:
        m.table_name = table
    if callback:
        m.foreach_batch.python_function.command = CALLBACK
    if writer is not None:
        m.foreach_writer.python_function.command = writer
    return plan


# -- questions about frames ----------------------------------------------------------------------------------

def _question():
    from pyspark_compat._proto import base

    return base.AnalyzePlanRequest()


def explain(handle, mode):
    """`mode` is a value of EXPLAIN_MODES."""
    q = _question()
    _point(q.explain.plan.root, handle)
    q.explain.explain_mode = mode
    return q


def ask(name, handle):
    """is_local, input_files or semantic_hash of a frame."""
    q = _question()
    _point(getattr(q, name).plan.root, handle)
    return q


def same_semantics(handle, other):
    q = _question()
    _point(q.same_semantics.target_plan.root, handle)
    _point(q.same_semantics.other_plan.root, other)
    return q


def persist(handle, level):
    """Keeps a frame's rows; `level` is a StorageLevel."""
    q = _question()
    _point(q.persist.relation, handle)
    _fill_level(q.persist.storage_level, level)
    return q


def unpersist(handle, blocking):
    q = _question()
    _point(q.unpersist.relation, handle)
    q.unpersist.blocking = blocking
    return q


def storage_level(handle):
    q = _question()
    _point(q.get_storage_level.relation, handle)
    return q


def read_answer(data):
    """The AnalyzePlanResponse in bytes."""
    from pyspark_compat._proto import base

    return base.AnalyzePlanResponse.FromString(data)


# -- settings ------------------------------------------------------------------------------------------------

def settings(operation, keys=(), pairs=()):
    """A ConfigRequest: set and get_with_default take pairs, get, get_option, unset and is_modifiable keys."""
    from pyspark_compat._proto import base

    request = base.ConfigRequest()
    m = getattr(request.operation, operation)
    m.SetInParent()
    if keys:
        m.keys.extend(keys)
    for key, value in pairs:
        pair = m.pairs.add()
        pair.key = key
        if value is not None:
            pair.value = value
    return request


def read_settings(data):
    """The pairs of a ConfigResponse in bytes; a value that is not set is None."""
    from pyspark_compat._proto import base

    return [(p.key, p.value if p.HasField("value") else None) for p in base.ConfigResponse.FromString(data).pairs]
