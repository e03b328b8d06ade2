"""Combining pairs by key in bounded memory: a dict while all fits, then files that keys are cut into by their hash."""
import operator
from itertools import chain, islice
from types import FunctionType

from .rdd_lists import LongList
from .rdd_memory import Blocks, Meter

_PARTS = 61         # files that keys are cut into
_FIRST_LOOK = 2000  # pairs before memory is looked at for the first time
_LONGEST = 100_000  # and between two looks, at most
_DEEPEST = 3        # times that keys are cut: what does not fit then is a few keys
_SHARE = 4          # a file of this part of the limit fits into memory once it is objects
_FEW = 16           # keys of a file that are not cut again, but have a file each for what does not fit
_LONG = 4096        # values of one key in one pair of a file or block, at most


class Combiner:
    """How values of a key are combined; `create` None is the value itself.

    The loops look a key up once where its combined value is not None. A function that only adds is written out in them.
    """

    shrinks = False

    def __init__(self, create, merge, merge_two):
        self.create, self.merge, self.merge_two = create, merge, merge_two

    def take_values(self, data, pairs):
        if self.create is None:
            _combine(data, pairs, self.merge)
            return
        merge, create, get = self.merge, self.create, data.get
        for key, value in pairs:
            old = get(key)
            data[key] = merge(old, value) if old is not None or key in data else create(value)

    def take_combined(self, data, pairs):
        _combine(data, pairs, self.merge_two)


def _combine(data, pairs, merge):
    if _adds(merge):
        _add(data, pairs, merge)
        return
    get = data.get
    for key, value in pairs:
        old = get(key)
        data[key] = merge(old, value) if old is not None or key in data else value


def _adds(f):
    """Whether a function is the sum of its two arguments and nothing else."""
    if f is operator.add:
        return True
    if type(f) is not FunctionType:
        return False
    code = f.__code__
    return code.co_code == _SUM.co_code and code.co_argcount == 2 and not code.co_freevars


_SUM = (lambda one, other: one + other).__code__


def _add(data, pairs, merge):
    get, old, value = data.get, None, None
    try:
        for key, value in pairs:
            old = get(key)
            if old is not None:
                data[key] = old + value
            else:
                data[key] = old + value if key in data else value
        return
    except Exception as e:
        error = e
    if old is not None:
        merge(old, value)  # raises it where the user wrote it
    raise error


class Grouper:
    """Values of a key are collected in a list."""

    shrinks = True

    def take_values(self, data, pairs):
        for key, value in pairs:
            if key in data:
                data[key].append(value)
            else:
                data[key] = [value]

    def take_combined(self, data, pairs):
        for key, values in pairs:
            if key in data:
                data[key].extend(values)
            else:
                data[key] = values if type(values) is list else LongList(list(values))

    def cut(self, pairs):
        """The pairs, those with long lists in parts."""
        for pair in pairs:
            key, values = pair
            if len(values) <= _LONG:
                yield pair
                continue
            rest = iter(values)
            while part := list(islice(rest, _LONG)):
                yield key, part

    def shrink(self, data):
        """Long lists go on in files of their own."""
        most = max(map(len, data.values())) // 4
        for key, values in data.items():
            if len(values) >= most:
                if type(values) is list:
                    values = data[key] = LongList(values)
                values.spill()


def looks(pairs):
    """The pairs in parts; memory is looked at after each."""
    end = _End()
    rest, size = chain(pairs, end), _FIRST_LOOK
    while not end.reached:
        yield islice(rest, size)
        size = min(size * 3 // 2, _LONGEST)


def _looks_at_groups(pairs):
    """The same for pairs with lists of values: it is these that take room."""
    part, held = [], 0
    for pair in pairs:
        part.append(pair)
        held += len(pair[1])
        if held >= _LONG:
            yield part
            part, held = [], 0
    yield part


class _End:
    reached = False

    def __iter__(self):
        self.reached = True
        return iter(())


class Merger:
    """Combines all pairs it is given. `items` gives each key once, and then nothing more may be merged.

    In memory the order is that of the keys' first pairs; what was cut into files comes file by file.
    """

    def __init__(self, how, limit, depth=0):
        self._how, self._limit, self._depth = how, limit, depth
        self._data, self._files = {}, None
        self._meter = Meter(limit)

    def merge_values(self, pairs):
        self._merge(pairs, looks, self._how.take_values)

    def merge_combined(self, pairs):
        self._merge(pairs, _looks_at_groups if self._how.shrinks else looks, self._how.take_combined)

    def _merge(self, pairs, looks, take):
        data, meter = self._data, self._meter
        if not self._limit:
            take(data, pairs)
            return
        for part in looks(pairs):
            take(data, part)
            if meter.full() and data:
                self._relieve()

    def _relieve(self):
        if self._depth < _DEEPEST:
            self.spill()
        else:
            self._how.shrink(self._data)
        self._meter.relieved()

    def spill(self):
        """What is in memory goes to the files."""
        if self._files is None:
            self._files = [Blocks() for _ in range(_PARTS)]
        parts, depth = [[] for _ in range(_PARTS)], self._depth
        for pair in self._data.items():
            parts[hash((depth, pair[0])) % _PARTS].append(pair)
        self._data.clear()
        for file, pairs in zip(self._files, parts):
            file.keys = max(file.keys, len(pairs))
            file.write(list(self._how.cut(pairs)) if self._how.shrinks else pairs)
            pairs.clear()

    def items(self):
        if self._files is None:
            return iter(self._data.items())
        if self._data:
            self.spill()
            self._meter.relieved()
        return self._from_files()

    def _from_files(self):
        try:
            for file in self._files:
                yield from self._of(file)
                file.close()
        finally:
            for file in self._files:
                file.close()

    def _of(self, file):
        """The pairs of one file, which is cut again where it does not fit."""
        fits, few = file.size * _SHARE < self._limit, file.keys <= _FEW
        depth = _DEEPEST if few else self._depth + 1
        hopeless = depth == _DEEPEST and not self._how.shrinks
        part = Merger(self._how, 0 if fits or hopeless else self._limit, depth)
        part.merge_combined(chain.from_iterable(file.read()))
        return part.items()
