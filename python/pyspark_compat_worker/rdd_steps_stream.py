"""Steps of DStreams that keep something by key: one pass over a partition of what was known and what came."""


class UpdateState:
    """The states of a partition after a batch: the user's function is called for every known or new key.

    Inputs: the known states, where there are any, and the batch's pairs, both placed by key. `first`: the known ones are
    the program's own, in which a key may stand twice; its first state counts.
    """

    def __init__(self, function, first):
        self.function = function
        self.first = first

    def __call__(self, split, inputs):
        values = {}
        get = values.get
        for key, value in inputs[-1]():
            group = get(key)
            if group is None:
                values[key] = [value]
            else:
                group.append(value)
        known = inputs[0]() if len(inputs) > 1 else ()
        return self.updated(values, once(known) if self.first else known)

    def updated(self, values, known):
        function, take = self.function, values.pop
        for key, state in known:
            state = function(take(key, None) or [], state)
            if state is not None:
                yield key, state
        for key, group in values.items():
            state = function(group, None)
            if state is not None:
                yield key, state


def once(pairs):
    """The pairs without those whose key was there before."""
    seen = {}
    for key, value in pairs:
        seen.setdefault(key, value)
    return seen.items()


class SlideWindow:
    """The values of a partition over a window that moved on.

    Inputs: the values over the window before (if `known`), `left` batches that left it, the batches that came.
    """

    def __init__(self, function, inverse, kept, known, left):
        self.function, self.inverse, self.kept = function, inverse, kept
        self.known, self.left = known, left

    def __call__(self, split, inputs):
        inputs = list(inputs)
        values = dict(inputs.pop(0)()) if self.known else {}
        if self.left:
            inverse, get, absent = self.inverse, values.get, object()
            for key, gone in self.merged(inputs[:self.left]).items():
                value = get(key, absent)
                if value is not absent and gone is not None:
                    values[key] = inverse(value, gone)
        came = self.merged(inputs[self.left:])
        if not values:
            values = came
        else:
            merge(self.function, values, came.items())
        return values.items() if self.kept is None else filter(self.kept, values.items())

    def merged(self, inputs):
        if not inputs:
            return {}
        values = dict(inputs[0]())
        for batch in inputs[1:]:
            merge(self.function, values, batch())
        return values


def merge(function, values, pairs):
    """Brings pairs into a dict of values."""
    for key, value in pairs:
        if key in values:
            values[key] = function(values[key], value)
        else:
            values[key] = value
