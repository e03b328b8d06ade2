"""A worker's life: it dials the engine, runs what it is told, one run after another, until the engine lets go of it."""

import json
import os

from . import around, failure, kinds
from .run import Run
from .wire import BulkWire, Gone, RpcWire


def serve(address, token):
    """Runs until the engine ends the stream or kills the process."""
    control = RpcWire(address)
    try:
        wire = _agree(control, token)
        while True:
            kind, body = wire.read()
            if kind == b"J":
                _task(body, wire)
            elif kind == b"O":
                _run(body, wire)
            else:
                raise Gone(f"the engine sent a frame of kind {kind} between runs")
    except Gone:
        return


def _agree(control, token):
    """Says who this is and finds out where runs come from."""
    control.write(b"H", json.dumps({"pid": os.getpid(), "token": token}).encode())
    kind, body = control.read()
    if kind != b"U":
        raise Gone(f"the engine sent a frame of kind {kind} for its offer")
    address = json.loads(body.to_pybytes())["socket"]
    bulk = None
    if address:
        try:
            bulk = BulkWire(address, token)
        except OSError:
            pass  # gRPC carries everything then
    control.write(b"R", json.dumps({"bulk": bulk is not None}).encode())
    return bulk or control


def _run(body, wire):
    """Does one run. One that fails is the last."""
    try:
        run = Run(body, wire)
        kinds.run(run)
        for _ in run.batches():  # what a function that stopped early left
            run.taken()
        added = around.end()
    except Gone:
        raise
    except BaseException as error:  # sys.exit in a user's function is an error of the function
        around.flush()
        wire.write(b"E", json.dumps(failure.describe(error)).encode())
        while True:  # until the engine, which has yet to read that, lets go
            wire.read()
    around.flush()
    for updates in added:
        wire.write(b"X", updates)
    wire.write(b"F")


def _task(body, wire):
    """Does one task. One that fails is the last."""
    from . import tasks

    if not tasks.run(body, wire):
        while True:  # until the engine, which has yet to read why, lets go
            wire.read()
