"""The process that forks workers. It is exec'd, so it holds no Go; it has imported what workers need and opens no channel.

The engine writes a JSON line for each fork to its standard input and reads the child's pid from its standard output.
When that input ends, or the parent changes, the engine's process is gone: the launcher ends, and its death kills every
worker, also inside user code.
"""

import ctypes
import importlib
import json
import os
import select
import signal
import sys

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_LOOK = 0.25       # seconds between looks at the parent: a process that the user forked may hold our input open


def main():
    settings = json.loads(os.environ["PYSPARK_COMPAT_WORKER"])
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # prints of imports and of user code go to standard error
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[:] = settings["path"] + [p for p in sys.path[:1] if p not in settings["path"]]
    libc = ctypes.CDLL(None, use_errno=True)
    for name in ("pyarrow", "grpc", "cloudpickle", "pyspark_compat_worker.serve"):
        importlib.import_module(name)
    if settings["setup"]:
        module, _, function = settings["setup"].partition(":")
        getattr(importlib.import_module(module), function)()
    for request in _requests(parent):
        replies.write(json.dumps(_fork(request, settings["socket"], libc, replies)) + "\n")


def _requests(parent):
    """The engine's lines, until it is gone."""
    pending = b""
    while os.getppid() == parent:
        _reap()
        if not select.select([0], [], [], _LOOK)[0]:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            return
        *lines, pending = (pending + chunk).split(b"\n")
        yield from map(json.loads, lines)


def _reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _fork(request, socket, libc, replies):
    try:
        for name in request["preload"] or ():
            importlib.import_module(name)
    except ImportError:
        pass  # the worker that needs it raises it where the user sees it
    launcher = os.getpid()
    pid = os.fork()
    if pid:
        return {"pid": pid}
    status = 1
    try:
        libc.prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == launcher:
            replies.close()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            importlib.import_module("pyspark_compat_worker.serve").serve(socket, request["fork"])
            status = 0
    finally:
        os._exit(status)
