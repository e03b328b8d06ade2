"""Pickles the user's functions by value, with the file names of their code: a traceback in a worker then names the
user's own file and line, which cloudpickle's newer versions leave out."""

import io
import types

import cloudpickle
from cloudpickle import cloudpickle as _parts

_ANONYMOUS = "<dynamic-code>"


def _reduce_code(code):
    build, args, *rest = _parts._code_reduce(code)
    named = tuple(code.co_filename if isinstance(a, str) and a == _ANONYMOUS else a for a in args)
    return (build, named, *rest)


class _Pickler(cloudpickle.Pickler):
    dispatch_table = {**cloudpickle.Pickler.dispatch_table, types.CodeType: _reduce_code}


def dumps(value):
    """The bytes of a value, as cloudpickle.dumps gives them but for file names."""
    with io.BytesIO() as file:
        _Pickler(file).dump(value)
        return file.getvalue()


def pickles(value):
    """Whether a value can be pickled so."""
    try:
        dumps(value)
    except Exception:
        return False
    return True
