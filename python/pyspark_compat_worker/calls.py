"""Calling a user's function once a row: a loop written for the function's own arguments.

A comprehension with the call spelled out is as fast as map(), and it lets a StopIteration out instead of ending early.
"""

import functools
import keyword
import os

from .errors import PySparkRuntimeError

_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "call of a function")  # its frames are ours


@functools.lru_cache(None)
def _loop(names):
    """A loop over columns, for arguments of these names; an empty name is a positional argument."""
    values = [f"v{i}" for i in range(len(names))]
    if all(n == "" or n.isidentifier() and not keyword.iskeyword(n) for n in names):
        arguments = [v if n == "" else f"{n}={v}" for n, v in zip(names, values)]
    else:
        arguments = [v for n, v in zip(names, values) if n == ""]
        arguments.append("**{" + ", ".join(f"{n!r}: {v}" for n, v in zip(names, values) if n) + "}")
    rows = "_ in range(rows)"
    if len(names) == 1:
        rows = "v0 in c0"
    elif names:
        rows = f"{', '.join(values)} in zip({', '.join('c' + v[1:] for v in values)})"
    columns = "".join(f", c{i}" for i in range(len(names)))
    made = {}
    exec(compile(f"def loop(call, rows{columns}): return [call({', '.join(arguments)}) for {rows}]", _FILE, "exec"), made)
    return made["loop"]


def names(function):
    """The names of a function's arguments, empty where they go by position."""
    given = [n or "" for n in function.arg_names]
    return tuple(given + [""] * (len(function.args) - len(given)))


def loop(function):
    """loop(call, rows, *columns) gives the results of a call for each row, from columns of Python values."""
    made = _loop(names(function))

    def results(call, rows, *columns):
        try:
            return made(call, rows, *columns)
        except StopIteration as error:
            raise PySparkRuntimeError(errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": str(error)})
    return results


def once(function, call, columns):
    """The result of one call with whole columns."""
    given = names(function)
    return call(*[c for n, c in zip(given, columns) if not n], **{n: c for n, c in zip(given, columns) if n})
