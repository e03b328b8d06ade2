"""Expressions as light Python nodes, and their only way into Spark Connect messages.

A node is a kind and its parts; it becomes a message when a plan that holds it is sent, so building columns loads no
protobuf.
"""
import datetime
import itertools
import sys

from pyspark_compat._expression_text import sql
from pyspark_compat_worker.types_base import (
    BinaryType,
    BooleanType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    NullType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
)

_INT = 1 << 31
_LONG = 1 << 63


class Expression:
    """A node: `kind` names a row of the tables below, `parts` are its arguments."""

    __slots__ = ("kind", "parts")

    def __init__(self, kind, *parts):
        self.kind = kind
        self.parts = parts

    def __repr__(self):
        return sql(self)


def attribute(name, plan_id=None, metadata=False):
    """A column by name, of one frame if its handle is given."""
    return Expression("attribute", name, plan_id, metadata)


def star(target=None, plan_id=None):
    """All columns: of a frame, or of the struct or frame named `target`."""
    return Expression("star", target, plan_id)


def regex(pattern, plan_id=None):
    return Expression("regex", pattern, plan_id)


def function(name, args, distinct=False):
    return Expression("function", name, args, distinct)


def call(name, args):
    """A function by its catalog name, which may have several parts."""
    return Expression("call", name, args)


def text(expression):
    """SQL text, parsed by the engine."""
    return Expression("text", expression)


def alias(child, names, metadata=None):
    return Expression("alias", child, names, metadata)


def cast(child, data_type, mode=None):
    """A cast; mode "try" gives null where it fails."""
    return Expression("cast", child, data_type, mode)


def sort_order(child, ascending, nulls_first):
    return Expression("sort", child, ascending, nulls_first)


def extract(child, key):
    return Expression("extract", child, key)


def update_fields(child, name, value=None):
    """A struct with a field set, or dropped where no value is given."""
    return Expression("update", child, name, value)


def case_when(branches, otherwise=None):
    return Expression("case", branches, otherwise)


def window(child, partition, order, frame):
    """A function over a window; frame is None or (kind "ROWS"/"RANGE", start, end)."""
    return Expression("window", child, partition, order, frame)


def lambda_function(body, variables):
    return Expression("lambda", body, variables)


def python_function(udf, args):
    """A call of a Python function; `udf` is a UserDefinedFunction."""
    return Expression("udf", udf, args)


def named(key, value):
    return Expression("named", key, value)


def outer(child):
    """A reference to the outer plan of a subquery."""
    return Expression("outer", child)


_next_variable = itertools.count(1).__next__


def variable(name):
    """A fresh lambda variable."""
    return Expression("variable", f"{name}_{_next_variable()}")


def literal(value, data_type):
    """A literal whose value fits its type (see `literal_type`)."""
    return Expression("literal", value, data_type)


def literal_type(value):
    """The type of a Python value that can be a literal, or None."""
    if value is None:
        return NullType()
    if isinstance(value, bool):
        return BooleanType()
    if isinstance(value, int):
        if -_INT <= value < _INT:
            return IntegerType()
        if not -_LONG <= value < _LONG:
            raise OverflowError(f"{value} does not fit 64 bits; use decimal.Decimal")
        return LongType()
    for python, make in _LITERAL_TYPES:
        if isinstance(value, python):
            return make()
    if type(value).__name__ == "Decimal":
        return _decimal_type(value)
    return None


def _timestamp_type():
    from pyspark_compat.sql.utils import is_timestamp_ntz_preferred

    return TimestampNTZType() if is_timestamp_ntz_preferred() else TimestampType()


_LITERAL_TYPES = [
    (str, StringType), (float, DoubleType), ((bytes, bytearray), BinaryType), (datetime.datetime, _timestamp_type),
    (datetime.date, DateType), (datetime.time, TimeType), (datetime.timedelta, DayTimeIntervalType),
]


def _decimal_type(value):
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return None
    precision, scale = len(digits), -exponent
    if scale < 0:
        precision, scale = precision - scale, 0
    return DecimalType(max(precision, scale), scale)


# -- messages ------------------------------------------------------------------------------------------------

_DEEPEST = 6000  # protobuf writes and reads by recursion, on the stack of the calling thread


def fill(message, e):
    """Writes a node into an empty Expression message. Without recursion, so that long chains of columns work."""
    level, depth = [(message, e)], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise RecursionError(f"An expression has more than {_DEEPEST} levels; compute parts of it with withColumn before.")
        below = []
        for m, e in level:
            _FILL[e.kind](m, below, *e.parts)
        level = below


def fill_sort_order(message, e):
    """Writes a sort node, or any node to sort upwards by, into an empty SortOrder message."""
    work = []
    _fill_order(message, work, e)
    for m, child in work:
        fill(m, child)


def _fill_attribute(m, work, name, plan_id, metadata):
    a = m.unresolved_attribute
    a.unparsed_identifier = name
    if plan_id is not None:
        a.plan_id = plan_id
    if metadata:
        a.is_metadata_column = True


def _fill_star(m, work, target, plan_id):
    m.unresolved_star.SetInParent()
    if target is not None:
        m.unresolved_star.unparsed_target = target + ".*"
    if plan_id is not None:
        m.unresolved_star.plan_id = plan_id


def _fill_regex(m, work, pattern, plan_id):
    m.unresolved_regex.col_name = pattern
    if plan_id is not None:
        m.unresolved_regex.plan_id = plan_id


def _fill_function(m, work, name, args, distinct):
    f = m.unresolved_function
    f.function_name = name
    if distinct:
        f.is_distinct = True
    for a in args:
        work.append((f.arguments.add(), a))


def _fill_call(m, work, name, args):
    m.call_function.function_name = name
    for a in args:
        work.append((m.call_function.arguments.add(), a))


def _fill_text(m, work, expression):
    m.expression_string.expression = expression


def _fill_alias(m, work, child, names, metadata):
    m.alias.name.extend(names)
    if metadata is not None:
        import json

        m.alias.metadata = json.dumps(metadata)
    work.append((m.alias.expr, child))


def _fill_cast(m, work, child, data_type, mode):
    from pyspark_compat._type_messages import fill_type

    fill_type(m.cast.type, data_type)
    if mode == "try":
        m.cast.eval_mode = 3
    work.append((m.cast.expr, child))


def _fill_sort(m, work, child, ascending, nulls_first):
    _fill_order(m.sort_order, work, Expression("sort", child, ascending, nulls_first))


def _fill_order(o, work, e):
    child, ascending, nulls_first = e.parts if e.kind == "sort" else (e, True, True)
    o.direction = 1 if ascending else 2
    o.null_ordering = 1 if nulls_first else 2
    work.append((o.child, child))


def _fill_extract(m, work, child, key):
    work.append((m.unresolved_extract_value.child, child))
    work.append((m.unresolved_extract_value.extraction, key))


def _fill_update(m, work, child, name, value):
    m.update_fields.field_name = name
    work.append((m.update_fields.struct_expression, child))
    if value is not None:
        work.append((m.update_fields.value_expression, value))


def _fill_case(m, work, branches, otherwise):
    args = [part for branch in branches for part in branch]
    _fill_function(m, work, "when", args if otherwise is None else args + [otherwise], False)


def _fill_window(m, work, child, partition, order, frame):
    w = m.window
    work.append((w.window_function, child))
    for p in partition:
        work.append((w.partition_spec.add(), p))
    for o in order:
        _fill_order(w.order_spec.add(), work, o)
    if frame is not None:
        kind, start, end = frame
        w.frame_spec.frame_type = 1 if kind == "ROWS" else 2
        _fill_bound(w.frame_spec.lower, kind, start)
        _fill_bound(w.frame_spec.upper, kind, end)


def _fill_bound(m, kind, bound):
    if bound == 0:
        m.current_row = True
    elif bound in (-_LONG, _LONG - 1):
        m.unbounded = True
    elif kind == "ROWS":
        m.value.literal.integer = bound
    else:
        m.value.literal.long = bound


def _fill_lambda(m, work, body, variables):
    for v in variables:
        m.lambda_function.arguments.add().name_parts.append(v.parts[0])
    work.append((m.lambda_function.function, body))


def _fill_variable(m, work, name):
    m.unresolved_named_lambda_variable.name_parts.append(name)


def _fill_udf(m, work, udf, args):
    f = m.common_inline_user_defined_function
    fill_python_function(f, udf)
    for a in args:
        work.append((f.arguments.add(), a))


def fill_python_function(f, udf):
    """Writes a Python function without arguments into a CommonInlineUserDefinedFunction message."""
    from pyspark_compat._type_messages import fill_type

    f.function_name = udf._name
    f.deterministic = udf.deterministic
    fill_type(f.python_udf.output_type, udf.returnType)
    f.python_udf.eval_type = udf.evalType
    f.python_udf.command = udf._pickled()
    f.python_udf.python_ver = "%d.%d" % sys.version_info[:2]


def _fill_named(m, work, key, value):
    m.named_argument_expression.key = key
    work.append((m.named_argument_expression.value, value))


def _fill_literal(m, work, value, data_type):
    from pyspark_compat._type_messages import fill_literal

    fill_literal(m.literal, value, data_type)


_FILL = {
    "attribute": _fill_attribute, "star": _fill_star, "regex": _fill_regex, "function": _fill_function,
    "call": _fill_call, "text": _fill_text, "alias": _fill_alias, "cast": _fill_cast, "sort": _fill_sort,
    "extract": _fill_extract, "update": _fill_update, "case": _fill_case, "window": _fill_window,
    "lambda": _fill_lambda, "variable": _fill_variable, "udf": _fill_udf, "named": _fill_named,
    "outer": lambda m, work, child: work.append((m, child)), "literal": _fill_literal,
}
