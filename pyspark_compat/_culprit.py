"""What in a value keeps it from being pickled, in words."""
import types

from pyspark_compat._pickling import pickles

_DEPTH = 6


def culprit(value):
    """"the lambda at job.py:7 refers to lock, a _thread.lock", as exactly as it can be said, or nothing."""
    return _within(value, "", _DEPTH, set()) or ""


def _within(value, path, depth, seen):
    if depth == 0 or id(value) in seen or pickles(value):
        return None
    seen.add(id(value))
    for name, part in _parts(value):
        found = _within(part, name, depth - 1, seen)
        if found is None and not pickles(part):
            found = f"{name}, a {type(part).__name__}"
        if found is not None:
            return f"{_called(value)} refers to {found}" if isinstance(value, types.FunctionType) else found
    return None


def _called(function):
    code = function.__code__
    name = "the lambda" if code.co_name == "<lambda>" else f"the function {code.co_name}"
    return f"{name} at {code.co_filename}:{code.co_firstlineno}"


def _parts(value):
    """What a value holds, by name: a function's variables, an object's attributes, a collection's elements."""
    if isinstance(value, types.FunctionType):
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or ()):
            try:
                yield name, cell.cell_contents
            except ValueError:
                pass  # not yet set
        for name in value.__code__.co_names:
            if name in value.__globals__:
                yield name, value.__globals__[name]
        yield from ((f"the default {default!r}", default) for default in value.__defaults__ or ())
    elif isinstance(value, types.MethodType):
        yield "self", value.__self__
    elif isinstance(value, dict):
        yield from ((f"the value of {key!r}", part) for key, part in value.items())
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from (("an element", part) for part in value)
    else:
        slots = (name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ()))
        names = [*getattr(value, "__dict__", ()), *(name for name in slots if hasattr(value, name))]
        yield from ((f"the attribute {name}", getattr(value, name)) for name in names)
