"""What is asked of the engine, as messages: plans that run, questions about frames, settings."""
from pyspark_compat import _expressions as ex
from pyspark_compat._plan import fill_level, point

SAVE_MODES = {"append": 1, "overwrite": 2, "error": 3, "errorifexists": 3, "default": 3, "ignore": 4}
EXPLAIN_MODES = {"simple": 1, "extended": 2, "codegen": 3, "cost": 4, "formatted": 5}
CALLBACK = b"foreachBatch"  # marks a function that stays in this process


def _plan():
    from pyspark_compat._proto import base

    return base.Plan()


def run(relation):
    """The plan that gives a relation's rows."""
    plan = _plan()
    plan.root.CopyFrom(relation)
    return plan


def rows(handle):
    """The plan that gives a frame's rows."""
    plan = _plan()
    point(plan.root, handle)
    return plan


def show(handle, count, truncate, vertical):
    plan = _plan()
    m = plan.root.show_string
    point(m.input, handle)
    m.num_rows, m.truncate, m.vertical = count, truncate, vertical
    return plan


def html(handle, count, truncate):
    plan = _plan()
    m = plan.root.html_string
    point(m.input, handle)
    m.num_rows, m.truncate = count, truncate
    return plan


def write(handle, source, mode, options, path=None, partitions=()):
    """Saves a frame; `mode` is a value of SAVE_MODES."""
    plan = _plan()
    m = plan.command.write_operation
    point(m.input, handle)
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
    point(m.input, handle)
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
    point(m.input, handle)
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
    point(q.explain.plan.root, handle)
    q.explain.explain_mode = mode
    return q


def ask(name, handle):
    """is_local, input_files or semantic_hash of a frame."""
    q = _question()
    point(getattr(q, name).plan.root, handle)
    return q


def same_semantics(handle, other):
    q = _question()
    point(q.same_semantics.target_plan.root, handle)
    point(q.same_semantics.other_plan.root, other)
    return q


def persist(handle, level):
    """Keeps a frame's rows; `level` is a StorageLevel."""
    q = _question()
    point(q.persist.relation, handle)
    fill_level(q.persist.storage_level, level)
    return q


def unpersist(handle, blocking):
    q = _question()
    point(q.unpersist.relation, handle)
    q.unpersist.blocking = blocking
    return q


def storage_level(handle):
    q = _question()
    point(q.get_storage_level.relation, handle)
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
