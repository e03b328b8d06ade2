"""updateStateByKey: every key, every batch."""

import pytest

EVENTS = [[("a", 1), ("b", 1)], [("a", 2)], [], [("a", 1)], [("a", 0)]]


def kept(values, state):
    """Forgets a key without new values whose state reached three."""
    if not values and state is not None and state >= 3:
        return None
    return sum(values) + (state or 0)


def listed(values, state):
    return (state or []) + [values]


STREAMS = {
    "sum": lambda d, sc: d.updateStateByKey(kept),
    "every key each batch": lambda d, sc: d.updateStateByKey(listed),
    "initial list": lambda d, sc: d.updateStateByKey(kept, initialRDD=[("z", 5), ("a", 100)]),
    "initial": lambda d, sc: d.updateStateByKey(kept, initialRDD=sc.parallelize([("z", 2), ("a", 1)])),
    "initial empty list": lambda d, sc: d.updateStateByKey(kept, initialRDD=[]),
    "one partition": lambda d, sc: d.updateStateByKey(kept, 1).glom(),
    "three partitions": lambda d, sc: d.map(lambda kv: (ord(kv[0]), kv[1])).updateStateByKey(kept, 3).glom(),
    "state of state": lambda d, sc: d.updateStateByKey(kept).map(lambda kv: (kv[0], 1)).updateStateByKey(kept),
    "none at once": lambda d, sc: d.updateStateByKey(lambda vs, s: None),
    "mutated": lambda d, sc: d.updateStateByKey(lambda vs, s: (s if s is not None else []).__iadd__(vs) or [0]),
    "falsy": lambda d, sc: d.updateStateByKey(lambda vs, s: 0 if vs else s),
    "joined": lambda d, sc: d.updateStateByKey(kept).join(d),
    "types": lambda d, sc: d.updateStateByKey(lambda vs, s: (type(vs).__name__, type(s).__name__)),
}


@pytest.mark.parametrize("name", STREAMS)
def test_state(check, dstreams, name):
    d = dstreams.queue(*EVENTS, checkpoint=True)
    check(dstreams.run(STREAMS[name](d, dstreams.sc), count=7))


def test_duplicate_keys_of_initial_state(check, dstreams):
    d = dstreams.queue([("a", 1)], checkpoint=True)
    check(dstreams.run(d.updateStateByKey(listed, initialRDD=[("a", [1]), ("a", [2])]), count=3))


def test_many_batches(check, dstreams):
    d = dstreams.queue(*[[(i % 3, 1)] for i in range(25)], checkpoint=True)
    check(dstreams.run(d.updateStateByKey(lambda vs, s: sum(vs) + (s or 0)), count=30)[-6:])


def test_interval(check, dstreams):
    d = dstreams.queue(*[[(i % 3, 1)] for i in range(9)], checkpoint=True)
    state = d.updateStateByKey(lambda vs, s: sum(vs) + (s or 0))
    state.checkpoint(dstreams.seconds * 2)
    check(dstreams.run(state, count=9))

