"""What the tests need to know of processes: who descends from whom, and when one has ended."""

import os
import select
import time
from pathlib import Path


def _parents():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] not in "ZX":
            yield int(pid), int(fields[1])


def descendants(pid):
    """The living processes below one, by pid."""
    children = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def workers(pid):
    """The Python workers of a driver: its launchers' children."""
    below = set(descendants(pid))
    return sorted(child for child, parent in _parents() if child in below and parent in below)


def survivors(pids, seconds):
    """Those of the processes that still live after so many seconds."""
    handles = {}
    for pid in pids:
        try:
            handles[pid] = os.pidfd_open(pid)
        except ProcessLookupError:
            pass
    deadline = time.monotonic() + seconds
    try:
        while handles:
            ended = select.select(list(handles.values()), [], [], max(0, deadline - time.monotonic()))[0]
            if not ended:
                return sorted(handles)
            for pid in [p for p, handle in handles.items() if handle in ended]:
                os.close(handles.pop(pid))
        return []
    finally:
        for handle in handles.values():
            os.close(handle)
