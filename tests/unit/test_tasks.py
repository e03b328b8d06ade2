"""A worker's tasks without an engine: what is evaluated, what goes back, what is said of failures."""
import errno
import json
import os
import pickle
import socket

import pytest

from pyspark_compat._pickling import dumps
from pyspark_compat_worker import blocks, tasks
from pyspark_compat_worker.wire import BulkWire


class Wire:
    """Keeps the frames that a task writes; gives the answers that a test prepared."""

    def __init__(self, *answers):
        self.frames, self.answers = [], list(answers)

    def write(self, kind, *parts):
        self.frames.append((kind, b"".join(bytes(part) for part in parts)))

    def read(self):
        return self.answers.pop(0)


class Tree:
    """A task's description, made cell by cell."""

    def __init__(self, folder="", **head):
        self.parts, self.cells = [], []
        self.head = {"partitionId": 0, "function": -1, "writer": -1, "skip": 0, "inline": 1 << 18, "taskAttemptId": 9,
                     "scratch": os.path.join(folder, "9"), **head}

    def part(self, body):
        self.parts.append(body)
        return len(self.parts) - 1

    def cell(self, step=None, inputs=(), **more):
        number = -1 if step is None else self.part(dumps(step))
        self.cells.append({"node": len(self.cells), "split": 0, "step": number, "payload": None, "ready": False, "blocks": None,
                           "inputs": list(inputs), "keep": None, **more})
        return len(self.cells) - 1

    def source(self, *elements):
        return self.cell(payload=[self.part(pickle.dumps(list(elements)))])

    def run(self, *answers):
        """The task's frames, the last one's attachments opened: (frames before, kind, head, attachments)."""
        wire = Wire(*answers)
        head = {**self.head, "cells": self.cells, "root": len(self.cells) - 1}
        tasks.run(b"".join(tasks.pack(head, self.parts)), wire)
        kind, body = wire.frames.pop()
        return (wire.frames, kind, *(tasks.unpack(body) if kind == b"Y" else (json.loads(body), [])))


def results(frames, head, parts):
    found = []
    for kind, body in frames:
        assert kind == b"K"
        part = pickle.loads(body[8:])
        assert int.from_bytes(body[:8], "little") == len(part)
        found += part
    if head["last"] is not None:
        number, count = head["last"]
        part = pickle.loads(parts[number])
        assert len(part) == count
        found += part
    return found


def doubled(split, inputs):
    return (2 * x for x in inputs[0]())


def test_a_small_result_is_one_frame():
    tree = Tree()
    tree.cell(doubled, [tree.source(1, 2, 3)])
    frames, kind, head, parts = tree.run()
    assert (frames, kind) == ([], b"Y") and results(frames, head, parts) == [2, 4, 6]


def test_a_large_result_comes_in_blocks_and_is_skipped_by_elements():
    def run(skip):
        tree = Tree(skip=skip)
        tree.cell(lambda split, inputs: range(100000))
        frames, _, head, parts = tree.run()
        return frames, results(frames, head, parts)

    frames, found = run(0)
    assert len(frames) > 3 and found == list(range(100000))
    known = sum(int.from_bytes(body[:8], "little") for _, body in frames[:2])
    assert run(known)[1] == list(range(known, 100000))


def test_an_input_called_twice_is_evaluated_twice():
    tree = Tree()
    tree.cell(lambda split, inputs: list(inputs[0]()) + list(inputs[0]()), [tree.source(1, 2)])
    frames, _, head, parts = tree.run()
    assert results(frames, head, parts) == [1, 2, 1, 2]


def test_functions_are_unpickled_anew_for_each_task():
    def step(split, inputs, seen=[]):
        seen.append(1)
        return list(seen)

    for _ in range(2):
        tree = Tree()
        tree.cell(step)
        _, _, head, parts = tree.run()
        assert results([], head, parts) == [1]


def test_map_outputs_in_memory_and_in_a_file(tmp_path):
    def writer(split, elements):
        for x in elements:
            yield x % 3, pickle.dumps([x])

    for inline in (1 << 18, 10):
        tree = Tree(str(tmp_path), inline=inline)
        tree.head["writer"] = tree.part(dumps(writer))
        tree.source(0, 3, 1, 4, 2)
        _, _, head, parts = tree.run()
        output = head["output"]
        body = bytes(parts[output["part"]]) if not output["path"] else (tmp_path / "9-map").read_bytes()
        assert bool(output["path"]) == (inline == 10)
        assert [partition for partition, _, _ in output["index"]] == [0, 1, 2]  # neighbours are one range
        found = {p: list(blocks.read([body[start:start + size]])) for p, start, size in output["index"]}
        assert found == {0: [0, 3], 1: [1, 4], 2: [2]}


def test_a_kept_cell_is_computed_once_and_read_back(tmp_path):
    for keep, wanted in (("memory", False), ("disk", True)):
        tree = Tree(str(tmp_path / keep))
        (tmp_path / keep).mkdir()
        kept = tree.cell(lambda split, inputs: (x for x in [object, 1]), keep=keep)
        tree.cell(lambda split, inputs: [len(list(inputs[0]())), len(list(inputs[0]()))], [kept])
        _, _, head, parts = tree.run()
        assert results([], head, parts) == [2, 2]
        [told] = head["kept"]
        assert told["cell"] == kept and bool(told["path"]) == wanted and told["length"] > 0


def test_ready_cells_read_ranges_of_files(tmp_path):
    first, second = pickle.dumps([1, 2]), pickle.dumps([3])
    file = tmp_path / "blocks"
    file.write_bytes(b"xx" + first + second)
    tree = Tree()
    tree.cell(ready=True, blocks=[[str(file), 2, len(first)], [str(file), 2 + len(first), -1]])
    _, _, head, parts = tree.run()
    assert results([], head, parts) == [1, 2, 3]


@pytest.mark.parametrize("damage", ["gone", "cut off", "not pickles"])
def test_a_damaged_input_is_lost_not_failed(tmp_path, damage):
    file = tmp_path / "blocks"
    body = pickle.dumps(list(range(1000)))
    if damage != "gone":
        file.write_bytes(body[:100] if damage == "cut off" else b"\xff" * len(body))
    tree = Tree()
    tree.cell(doubled, [tree.cell(ready=True, blocks=[[str(file), 0, len(body)]])])
    _, kind, said, _ = tree.run()
    assert kind == b"E" and said["lost"] == str(file) and said["reason"]


def test_a_task_that_fails_removes_its_files(tmp_path):
    def writer(split, elements):
        yield 0, b"x" * 100
        raise KeyError("gone")

    tree = Tree(str(tmp_path), inline=10)
    tree.head["writer"] = tree.part(dumps(writer))
    tree.source(1)
    _, kind, said, _ = tree.run()
    assert kind == b"E" and "KeyError: 'gone'" in said["traceback"] and os.listdir(tmp_path) == []


def test_a_file_of_a_worker_that_was_killed_is_in_nobodys_way(tmp_path):
    (tmp_path / "9-map").write_bytes(b"half of")
    tree = Tree(str(tmp_path), inline=10)
    tree.head["writer"] = tree.part(dumps(lambda split, elements: [(0, b"x" * 100)]))
    tree.source(1)
    _, kind, told, _ = tree.run()
    assert kind == b"Y" and (tmp_path / "9-map").read_bytes() == b"x" * 100


def test_a_full_disk_is_said_and_left_clean(tmp_path, monkeypatch):
    class Full:
        def writelines(self, parts):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    def fresh(path):
        open(path, "xb").close()
        return Full()

    monkeypatch.setattr(blocks, "_fresh", fresh)
    tree = Tree(str(tmp_path), inline=10)
    tree.head["writer"] = tree.part(dumps(lambda split, elements: [(0, b"x" * 100)]))
    tree.source(1)
    _, kind, said, _ = tree.run()
    assert kind == b"E" and "spark.local.dir" in said["traceback"] and os.listdir(tmp_path) == []


def test_a_lineage_too_deep_says_what_to_do():
    assert "localCheckpoint" in tasks._told(RecursionError("too deep"))["traceback"]

    def users():
        return users()

    with pytest.raises(RecursionError) as caught:
        users()
    assert "localCheckpoint" not in tasks._told(caught.value)["traceback"]


def test_more_parts_than_a_system_takes_at_once():
    ours, theirs = socket.socketpair()
    sender = BulkWire.__new__(BulkWire)
    sender._socket = ours
    with ours, theirs:
        sender.write(b"Y", *[b"ab", b""] * 3000)
        received = b""
        while len(received) < 16 + 6000:
            received += theirs.recv(1 << 16)
    assert received[16:] == b"ab" * 3000


def test_stored_partitions_have_their_name_once_they_are_whole(tmp_path):
    tree = Tree(folder=str(tmp_path))
    tree.head.update(folder=str(tmp_path), partitionId=3)
    tree.source(1, 2)
    _, kind, head, _ = tree.run()
    assert kind == b"Y" and head.get("last") is None and os.listdir(tmp_path) == ["part-00003"]
    assert list(blocks.read([(str(tmp_path / "part-00003"), 0, -1)])) == [1, 2]


def test_raw_results_are_given_as_they_are():
    tree = Tree(raw=True)
    tree.head["function"] = tree.part(dumps(lambda split, elements: (bytes([x]) * 3 for x in elements)))
    tree.source(65, 66)
    frames, _, head, parts = tree.run()
    assert [body[8:] for _, body in frames] == [b"AAA"] and bytes(parts[head["last"][0]]) == b"BBB"


def test_meeting_asks_the_engine():
    def step(split, inputs):
        return tasks.current.meet("gather", "me")

    tree = Tree()
    tree.cell(step)
    frames, _, head, parts = tree.run((b"A", b'["me", "you"]'))
    [(kind, body)] = frames
    assert kind == b"Q" and json.loads(body) == {"kind": "gather", "message": "me"}
    assert results([], head, parts) == ["me", "you"]


def test_blocks_grow_and_shrink_with_their_elements():
    small = [len(part) for part, _ in blocks.lists(range(50000))]
    large = [len(part) for part, _ in blocks.lists(("x" * 100000 + str(i) for i in range(100)))]
    assert small[0] == 8 and max(small) == 8192 and sum(small) == 50000
    assert min(large[:-1]) == 1 and sum(large) == 100
    assert small == [len(part) for part, _ in blocks.lists(range(50000))]
