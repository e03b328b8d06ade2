"""Combining, grouping and sorting that go to disk: the results are those in memory, and no file stays."""

import os
import random
from itertools import groupby

import pytest

from pyspark_compat import shuffle
from pyspark_compat_worker import rdd_memory, rdd_merging, rdd_sorting, rdd_steps_layout, rdd_steps_pairs
from pyspark_compat_worker.rdd_hash import portable_hash
from pyspark_compat_worker.rdd_lists import LongList, ResultIterable


class Full(rdd_memory.Meter):
    """A meter that finds no room whenever it looks."""

    looks = 0

    def full(self):
        Full.looks += 1
        return self.limit > 0

    def relieved(self):
        """Does not collect garbage: that takes its time in a process of tests."""


@pytest.fixture
def no_room(monkeypatch, tmp_path):
    """Every look at memory finds it full; gives the folder that files go to."""
    for module in (rdd_merging, rdd_sorting, rdd_steps_pairs):
        monkeypatch.setattr(module, "Meter", Full)
    monkeypatch.setenv("PYSPARK_COMPAT_LOCAL", str(tmp_path / "local"))
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    Full.looks = 0
    return tmp_path / "local"


def links_to(folder):
    """The files below a folder that this process has open, also those without a name."""
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{fd}"))
        except OSError:
            pass
    return [link for link in found if str(folder) in link]


def pairs(count, keys):
    return [(f"k{i * 7 % keys}", i) for i in range(count)]


@pytest.mark.parametrize("keys", [1, 5, 4000])
def test_values_are_combined(no_room, keys):
    add = rdd_merging.Combiner(None, lambda a, b: a + b, lambda a, b: a + b)
    merger = rdd_merging.Merger(add, 1 << 20)
    merger.merge_values(iter(pairs(20_000, keys)))
    expected = {}
    for key, value in pairs(20_000, keys):
        expected[key] = expected.get(key, 0) + value
    assert dict(merger.items()) == expected
    assert Full.looks > 3
    del merger
    assert list(no_room.iterdir()) == [] and links_to(no_room) == []


@pytest.mark.parametrize("keys", [1, 5, 4000])
def test_values_are_grouped(no_room, keys):
    merger = rdd_merging.Merger(rdd_merging.Grouper(), 1 << 20)
    merger.merge_combined((key, [value]) for key, value in pairs(20_000, keys))
    expected = {}
    for key, value in pairs(20_000, keys):
        expected.setdefault(key, []).append(value)
    assert {key: list(values) for key, values in merger.items()} == expected
    del merger
    assert list(no_room.iterdir()) == [] and links_to(no_room) == []


def test_create_is_called_once_a_key_and_part(no_room):
    how = rdd_merging.Combiner(lambda v: [v], lambda a, v: [*a, v], lambda a, b: a + b)
    merger = rdd_merging.Merger(how, 1 << 20)
    merger.merge_values(iter(pairs(5_000, 3)))
    assert sorted(map(len, dict(merger.items()).values())) == [1666, 1667, 1667]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("values", [[], [1], list(range(9_000)), [5] * 7_000, [random.Random(1).randrange(40) for _ in range(30_000)]], ids=len)
def test_sorting(no_room, values, reverse):
    tagged = list(enumerate(values))
    found = list(rdd_sorting.sorted_within(iter(tagged), lambda pair: pair[1], reverse, 1))
    assert found == sorted(tagged, key=lambda pair: pair[1], reverse=reverse)
    assert list(rdd_sorting.sorted_within(iter(values), None, reverse, 1)) == sorted(values, reverse=reverse)
    assert no_room.exists() is (len(values) > 0)
    assert not no_room.exists() or list(no_room.iterdir()) == []


@pytest.mark.parametrize("writer", [rdd_steps_pairs.PartitionWriter, lambda f, n, m: rdd_steps_pairs.CombineWriter(rdd_merging.Grouper(), f, n, m)])
def test_writers_give_all_pairs(no_room, writer):
    import pickle

    found = {}
    for partition, block in writer(portable_hash, 4, 1 << 20)(0, iter(pairs(20_000, 50))):
        for key, value in pickle.loads(block):
            assert portable_hash(key) % 4 == partition
            found.setdefault(key, []).extend(value if isinstance(value, list) else [value])
    expected = {key: [v for _, v in part] for key, part in groupby(sorted(pairs(20_000, 50)), key=lambda p: p[0])}
    assert found == expected


def test_long_groups_are_cut_into_blocks(no_room):
    import pickle

    writer = rdd_steps_pairs.CombineWriter(rdd_merging.Grouper(), portable_hash, 1, 0)
    found = [value for _, block in writer(0, ((None, i) for i in range(10_000))) for _, values in pickle.loads(block) for value in values]
    assert found == list(range(10_000))


def test_a_long_list(no_room):
    import pickle

    values = LongList([1, 2])
    values.append(3)
    values.spill()
    values.extend([4, 5])
    assert [list(values), list(values), len(values)] == [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 5]
    assert links_to(no_room) != []
    again = pickle.loads(pickle.dumps(ResultIterable(values)))
    assert [list(again), len(again)] == [[1, 2, 3, 4, 5], 5]
    del values
    assert links_to(no_room) == []


def test_an_iterator_that_is_not_read_to_its_end(no_room):
    merger = rdd_merging.Merger(rdd_merging.Grouper(), 1 << 20)
    merger.merge_values(iter(pairs(10_000, 3000)))
    items = merger.items()
    next(items)
    items.close()
    del merger, items
    assert links_to(no_room) == []


def test_pyspark_names(no_room):
    add = shuffle.Aggregator(lambda v: v, lambda a, v: a + v, lambda a, b: a + b)
    merger = shuffle.ExternalMerger(add, 1)
    merger.mergeValues(pairs(9_000, 10))
    assert sum(dict(merger.items()).values()) == sum(range(9_000))
    grouped = shuffle.ExternalGroupBy(add, 1)
    grouped.mergeCombiners((k, [v]) for k, v in pairs(9_000, 10))
    assert sum(len(list(v)) for _, v in grouped.items()) == 9_000
    assert list(shuffle.ExternalSorter(1).sorted(iter([3, 1, 2]), reverse=True)) == [3, 2, 1]


def test_the_meter_sees_what_is_allocated():
    meter = rdd_memory.Meter(24 << 20)
    kept = []
    for _ in range(200):
        if meter.full():
            break
        kept.append(bytes(bytearray(1 << 20)))
    assert 2 < len(kept) < 100
    kept.clear()
    meter.relieved()
    assert not meter.full()


@pytest.mark.parametrize("size,expected", [(3, [[0, 1, 2], [3, 4, 5], [6]]), (-1, [[0, 1, 2, 3, 4, 5, 6]]), (0, [[0], [1, 2], [3, 4, 5, 6]])])
def test_batches(size, expected):
    assert list(rdd_steps_layout.batches(range(7), size)) == expected
