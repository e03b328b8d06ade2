"""What stands around a run in a worker: the task's context, broadcast variables, accumulators, added Python files.

The head of a task says what TaskContext tells (pybridge/worker/task.go). A Python function in a plan is a run whose head
has no more than the partition.
"""
import importlib
import json
import os
import sys

from . import accumulators, broadcast
from .taskcontext import BarrierTaskContext, TaskContext

LOCAL = "PYSPARK_COMPAT_LOCAL"  # the variable that names the application's local folder
FILES = "userFiles"             # below it: added files,
PATHS = "python-paths.json"     # and what of them belongs on sys.path
_seen = None  # the state of the list of paths that was taken over last


def begin(head):
    """Before a run's functions are unpickled; `head` says what the task is."""
    accumulators.reset()
    broadcast.begin()
    TaskContext._setTaskContext(_context(head))
    _take_paths()


def _context(head):
    return (BarrierTaskContext if head.get("barrier") else TaskContext).from_json(head)


def end():
    """After a run's last result: what was added to accumulators, as pickles for the driver."""
    return accumulators.take_updates()


def flush():
    """Behind a run: what functions printed goes out before the run's end is told."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # the user's code may have closed or replaced it


def _take_paths():
    """Puts added Python files on sys.path."""
    global _seen
    local = os.environ.get(LOCAL)
    if not local:
        return
    listed = os.path.join(local, PATHS)
    try:
        stat = os.stat(listed)
    except OSError:
        return
    state = stat.st_mtime_ns, stat.st_size, stat.st_ino
    if state == _seen:
        return
    with open(listed, encoding="utf-8") as file:
        paths = json.load(file)
    _seen = state
    sys.path[1:1] = [path for path in paths if path not in sys.path]
    importlib.invalidate_caches()
