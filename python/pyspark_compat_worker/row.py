"""Row: a tuple with field names.

Rows made by `row_class(names)` share one subclass per schema: names live on the class, so making a row costs a tuple.
"""
from operator import itemgetter

from pyspark_compat_worker.errors import (
    PySparkAttributeError,
    PySparkKeyError,
    PySparkRuntimeError,
    PySparkTypeError,
    PySparkValueError,
)


def _create_row(fields, values):
    row = tuple.__new__(Row, values)
    row.__dict__["__fields__"] = fields
    return row


def _plain(value):
    if isinstance(value, Row):
        return value.asDict(True)
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


class Row(tuple):
    """A row of named values: Row(name="a", age=1), or Row("name", "age") as a maker of rows."""

    def __new__(cls, *args, **kwargs):
        if args and kwargs:
            raise PySparkValueError(
                errorClass="CANNOT_SET_TOGETHER", messageParameters={"arg_list": "args and kwargs"})
        if not kwargs:
            return tuple.__new__(Row, args)
        return _create_row(list(kwargs), kwargs.values())

    def asDict(self, recursive=False):
        if not hasattr(self, "__fields__"):
            raise PySparkTypeError(
                errorClass="CANNOT_CONVERT_TYPE", messageParameters={"from_type": "Row", "to_type": "dict"})
        return dict(zip(self.__fields__, map(_plain, self) if recursive else self))

    def __contains__(self, item):
        if hasattr(self, "__fields__"):
            return item in self.__fields__
        return tuple.__contains__(self, item)

    def __call__(self, *args):
        if len(args) > len(self):
            raise PySparkValueError(errorClass="TOO_MANY_VALUES", messageParameters={
                "expected": str(len(self)), "item": "fields", "actual": str(len(args))})
        return _create_row(self, args)

    def __getitem__(self, item):
        if isinstance(item, (int, slice)):
            return tuple.__getitem__(self, item)
        try:
            return tuple.__getitem__(self, self.__fields__.index(item))
        except IndexError:
            raise PySparkKeyError(errorClass="KEY_NOT_EXISTS", messageParameters={"key": str(item)}) from None
        except ValueError:
            raise PySparkValueError(item) from None

    def __getattr__(self, item):
        if not item.startswith("__"):
            try:
                return tuple.__getitem__(self, self.__fields__.index(item))
            except (IndexError, ValueError):
                pass
        raise PySparkAttributeError(
            errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": item})

    def __setattr__(self, key, value):
        if key != "__fields__":
            raise PySparkRuntimeError(errorClass="READ_ONLY", messageParameters={"object": "Row"})
        self.__dict__[key] = value

    def __reduce__(self):
        if hasattr(self, "__fields__"):
            return _create_row, (self.__fields__, tuple(self))
        return tuple.__reduce__(self)

    def __repr__(self):
        if hasattr(self, "__fields__"):
            return "Row(%s)" % ", ".join("%s=%r" % pair for pair in zip(self.__fields__, self))
        return "<Row(%s)>" % ", ".join(map(repr, self))


_RESERVED = frozenset(dir(Row)) | {"__fields__"}
_classes = {}


def row_class(names):
    """A Row subclass whose instances all have these fields: `row_class(names)(values)` makes a row from an iterable.

    Its instances are equal to, print as and pickle as plain Rows. Classes are cached by their names.
    """
    key = tuple(names)
    made = _classes.get(key)
    if made is None:
        body = {"__slots__": (), "__fields__": list(key), "__new__": tuple.__new__, "__module__": Row.__module__}
        for i in range(len(key) - 1, -1, -1):
            name = key[i]
            if isinstance(name, str) and name not in _RESERVED and not name.startswith("__"):
                body[name] = property(itemgetter(i))
        made = _RowType("Row", (Row,), body)
        if len(_classes) > 1000:
            _classes.clear()
        _classes[key] = made
    return made


class _RowType(type):
    """The type of schema-bound row classes; they count as Row itself when compared or printed."""

    def __eq__(cls, other):
        return other is Row or isinstance(other, _RowType)

    def __hash__(cls):
        return hash(Row)


def rows(names, columns):
    """The rows over columns of Python values (sequences of one length), fast."""
    return list(map(row_class(names), zip(*columns)))
