"""The process that forks workers. It is exec'd, so it holds no Go; it has imported what workers need and opens no channel.

The engine writes a JSON line for each fork to its standard input; it answers with lines: {"ready"} once, {"error", "token"}
for a fork that failed, {"died", "token"} for each worker that has ended. When its input ends, it is told to or the parent
is gone, it ends, and its death kills every worker, also inside user code.
"""

import ctypes
import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
import time
import warnings

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_DYING = 0.5       # seconds that a parent may take to die
_LOOK = 0.25       # seconds between looks at the parent, where nothing tells of its end


def main():
    parent = os.getppid()
    settings = json.loads(os.environ.pop("PYSPARK_COMPAT_WORKER"))
    launcher = Launcher(settings, parent)
    # Arrow's other allocators keep some 12 MB more for each worker, and are no faster at what workers do
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    signal.signal(signal.SIGTERM, lambda *_: launcher.end())  # the engine's process has died
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        launcher.prepare()
    except BaseException as error:
        launcher.say(error=_reason(error))
        return
    os.dup2(3, 2)  # what workers print goes straight where the engine's standard error goes
    os.dup2(3, 1)
    os.close(3)
    launcher.say(ready=True)
    launcher.work()


def _reason(error):
    text = f"{type(error).__name__}: {error}"
    name = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError) and name in ("pyarrow", "grpc", "cloudpickle"):
        return f"{text}. Python functions need {name if name != 'grpc' else 'grpcio'} where workers run"
    return text


class Launcher:
    def __init__(self, settings, parent):
        self._settings = settings
        self._parent = parent
        self._pid = os.getpid()
        self._folder = os.path.dirname(settings["socket"])
        self._replies = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)  # prints of imports go to standard error
        self._tokens = {}  # of the workers that live, by pid
        self._libc = ctypes.CDLL(None, use_errno=True)

    def say(self, **reply):
        try:
            self._replies.write(json.dumps(reply) + "\n")
        except OSError:
            self.end()

    def end(self, told=False):
        """Ends this process, and with it the workers. The engine can no more clean up if it was killed."""
        shutil.rmtree(self._folder, ignore_errors=True)
        local = os.environ.get("PYSPARK_COMPAT_LOCAL")
        if local and not told and self._orphaned():
            shutil.rmtree(local, ignore_errors=True)
        os._exit(0)

    def _orphaned(self):
        """Whether the parent is gone. The death signal comes with the end of one of its threads, a little before."""
        end = time.monotonic() + _DYING
        while os.getppid() == self._parent:
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def prepare(self):
        path = self._settings["path"]
        if path:  # the driver's; ours comes last
            sys.path[:] = path + [p for p in sys.path[:1] if p not in path]
        # Arrow's allocator has a thread of its own, which a fork does not hurt
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        self._import("pyarrow", "grpc", "cloudpickle", "pyspark_compat_worker.serve")
        if self._settings["setup"]:
            module, _, function = self._settings["setup"].partition(":")
            getattr(importlib.import_module(module), function)()

    def _import(self, *names):
        for name in names:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # collections in workers would write to, and so copy, the pages of what was imported

    def work(self):
        """Forks as it is told, until it shall end."""
        wake, wakened = os.pipe()
        os.set_blocking(wakened, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
        watched = [0, wake]
        wait = _LOOK
        try:
            watched.append(os.pidfd_open(self._parent))
            wait = None
        except (AttributeError, OSError):
            pass  # no such thing here: the looks must do
        pending = b""
        while os.getppid() == self._parent:
            told = select.select(watched, [], [], wait)[0]
            if wake in told:
                os.read(wake, 512)
            self._reap()
            if 0 in told:
                chunk = os.read(0, 65536)
                if not chunk:
                    break
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    self._do(json.loads(line))
        self.end()

    def _do(self, request):
        if request.get("end"):
            self.end(told=True)
        token = request["fork"]
        try:
            self._fork(token, request["preload"] or ())
        except Exception as error:
            self.say(token=token, error=_reason(error))

    def _reap(self):
        while self._tokens:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            token = self._tokens.pop(pid, None)
            if token:
                self.say(token=token, died=_fate(status))

    def _fork(self, token, preload):
        for name in preload:
            if name not in sys.modules:
                try:
                    self._import(name)
                except Exception:
                    pass  # the worker that needs it raises it where the user sees it
        pid = os.fork()
        if pid:
            self._tokens[pid] = token
            return
        status = 1
        try:
            self._become(token)
            status = 0
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            os._exit(status)

    def _become(self, token):
        """The rest of a worker's life."""
        self._libc.prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != self._pid:
            return
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        self._replies.close()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        importlib.import_module("pyspark_compat_worker.serve").serve(self._settings["socket"], token)


def _fate(status):
    """How a process ended, in words."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        try:
            return f"it was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"it was killed by signal {-code}"
    return f"it exited with status {code}"
