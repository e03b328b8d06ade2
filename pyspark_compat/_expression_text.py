"""The text of expressions, as PySpark prints columns."""
import datetime
import decimal

from pyspark_compat_worker.types_base import LongType

_FIRST, _LAST = -(1 << 63), (1 << 63) - 1  # the bounds of a window without bounds


def sql(e):
    """The text of an expression as PySpark prints it."""
    return _SQL[e.kind](*e.parts)


def _arguments(args):
    return "(%s)" % ", ".join(map(sql, args))


def _attribute_sql(name, plan_id, metadata):
    from pyspark_compat._names import parse_name

    return ".".join(f"`{part}`" if "." in part else part for part in parse_name(name))


def _literal_sql(value, data_type):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'%s'" % value.replace("\\", "\\\\").replace("'", "\\'")
    if isinstance(value, float):
        return _java_double(value)
    if isinstance(data_type, LongType):
        return f"{value}L"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone().replace(tzinfo=None)
        fraction = f"{value.microsecond:06d}".rstrip("0") or "0"
        return f"{value:%Y-%m-%d %H:%M:%S}.{fraction}"
    if isinstance(value, datetime.timedelta):
        return _duration(value)
    if isinstance(value, (bytes, bytearray)):
        return "X'%s'" % bytes(value).hex().upper()
    return str(value)


def _java_double(value):
    """A double as Java writes it."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    exact = decimal.Decimal(repr(value))
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = format(exact, "f")
        return plain if "." in plain else plain + ".0"
    sign, digits, exponent = exact.as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{exponent + len(digits) - 1}"


def _duration(value):
    micros = (value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds
    if micros == 0:
        return "PT0S"
    sign = "-" if micros < 0 else ""
    seconds, micros = divmod(abs(micros), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = "PT" + (f"{sign}{hours}H" if hours else "") + (f"{sign}{minutes}M" if minutes else "")
    if seconds or micros:
        fraction = f".{micros:06d}".rstrip("0") if micros else ""
        text += f"{sign}{seconds}{fraction}S"
    return text


def _alias_sql(child, names, metadata):
    return f"{sql(child)} AS {names[0] if len(names) == 1 else '(%s)' % ', '.join(names)}"


def _cast_sql(child, data_type, mode):
    return f"{'TRY_' if mode == 'try' else ''}CAST({sql(child)} AS {data_type._sql()})"


def _sort_sql(child, ascending, nulls_first):
    return f"{sql(child)} {'ASC' if ascending else 'DESC'} NULLS {'FIRST' if nulls_first else 'LAST'}"


def _case_sql(branches, otherwise):
    parts = "".join(f" WHEN {sql(c)} THEN {sql(v)}" for c, v in branches)
    return f"CASE{parts}{'' if otherwise is None else ' ELSE ' + sql(otherwise)} END"


def _update_sql(child, name, value):
    return f"drop_field({sql(child)}, {name})" if value is None else f"update_field({sql(child)}, {name}, {sql(value)})"


def _lambda_sql(body, variables):
    shown = sql(variables[0]) if len(variables) == 1 else _arguments(variables)
    return f"{shown} -> {sql(body)}"


def window_sql(partition, order, frame):
    parts = []
    if partition:
        parts.append("PARTITION BY " + ", ".join(map(sql, partition)))
    if order:
        parts.append("ORDER BY " + ", ".join(map(sql, order)))
    if frame:
        kind, start, end = frame
        parts.append(f"{kind} BETWEEN {_bound_sql(kind, start)} AND {_bound_sql(kind, end)}")
    return " ".join(parts)


def _bound_sql(kind, bound):
    if bound == 0:
        return "CURRENT ROW"
    if bound == _FIRST:
        return "UNBOUNDED PRECEDING"
    if bound == _LAST:
        return "UNBOUNDED FOLLOWING"
    return str(bound) if kind == "ROWS" else f"{bound}L"


_SQL = {
    "attribute": _attribute_sql,
    "star": lambda target, plan_id: "resolvedstar()" if plan_id is not None else (target + ".*.*" if target else "*"),
    "regex": lambda pattern, plan_id: pattern,
    "function": lambda name, args, distinct: name + _arguments(args),
    "call": lambda name, args: name + _arguments(args),
    "text": lambda expression: expression,
    "alias": _alias_sql,
    "cast": _cast_sql,
    "sort": _sort_sql,
    "extract": lambda child, key: f"{sql(child)}[{sql(key)}]",
    "update": _update_sql,
    "case": _case_sql,
    "window": lambda child, *spec: f"{sql(child)} OVER ({window_sql(*spec)})",
    "lambda": _lambda_sql,
    "udf": lambda udf, args: udf._name + _arguments(args),
    "named": lambda key, value: f"{key} => {sql(value)}",
    "outer": lambda child: f"lazy({sql(child)})",
    "variable": lambda name: name,
    "literal": _literal_sql,
}
