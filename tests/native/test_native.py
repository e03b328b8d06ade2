"""The boundary to the engine: what crosses it, and what fork, exit, Ctrl-C, threads and a panic do to it.

Each case runs in a process of its own, because it loads, kills or forks the engine.
"""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

SECONDS = 30
OPEN = "from pyspark_compat import _native as n\ns = n.open_session({'conf': {}})\n"


def start(code, **environment):
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(code)], env={**os.environ, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def output(code, **environment):
    """What a process prints; it must end well and say nothing on stderr."""
    process = start(code, **environment)
    try:
        out, err = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0 and not err, f"exit {process.returncode}\n{out}\n{err}"
    return out.splitlines()


def test_importing_loads_no_engine():
    code = """
        import sys
        from pyspark_compat import _native
        print(_native.loaded(), any('_pysparkcompat' in name for name in sys.modules), 'pyarrow' in sys.modules)
        _native.version()
        print(_native.loaded(), 'pyarrow' in sys.modules)
    """
    assert output(code) == ["False False False", "True False"]


def test_a_panic_becomes_an_exception_and_the_process_lives():
    code = OPEN + """
from pyspark_compat.errors import PySparkException
for i in range(3):
    try:
        n.panic('number %d' % i)
    except PySparkException as e:
        print(e.getCondition(), 'number %d' % i in str(e))
print(n.version() != '')
"""
    assert output(code) == ["INTERNAL_ERROR True"] * 3 + ["True"]


def test_calls_leave_no_handle_behind():
    code = OPEN + """
library = n._engine()
before = library.NumHandles()
for i in range(1000):
    try:
        n.panic('x')
    except Exception:
        pass
    n.drop(s, ['nothing'])
print(library.NumHandles() - before)
"""
    assert output(code) == ["0"]


@pytest.mark.parametrize("payload", ["'text'", "bytearray(b'x')", "None", "3"])
def test_only_bytes_cross(payload):
    code = OPEN + f"""
try:
    n.frame(s, {payload})
except TypeError as e:
    print('bytes' in str(e))
"""
    assert output(code) == ["True"]


def test_a_worker_process_is_refused():
    code = """
        from pyspark_compat import _native
        from pyspark_compat.errors import PySparkRuntimeError
        try:
            _native.open_session({})
        except PySparkRuntimeError as e:
            print(e.getCondition(), _native.loaded())
    """
    assert output(code, PYSPARK_COMPAT_WORKER="1") == ["CONTEXT_ONLY_VALID_ON_DRIVER False"]


def test_a_forked_child_is_refused_and_ends_quietly():
    code = OPEN + """
import os, sys
from pyspark_compat.errors import PySparkRuntimeError
pid = os.fork()
if pid == 0:
    try:
        n.config(s, b'')
    except PySparkRuntimeError as e:
        print(e.getCondition(), str(os.getpid()) in str(e), flush=True)
    n.drop(s, ['a'])
    n.cancel(1)
    n.close_session(s)
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), n.version() != '')
"""
    assert output(code) == ["ENGINE_IN_FORKED_PROCESS True", "7 True"]


def test_a_pool_of_forked_processes_works_beside_a_session():
    code = OPEN + """
import multiprocessing
def double(x):
    return 2 * x
def use(x):
    try:
        n.config(s, b'')
    except Exception as e:
        return e.getCondition()
with multiprocessing.get_context('fork').Pool(2) as pool:
    print(pool.map(double, range(5)), set(pool.map(use, range(3))))
"""
    assert output(code) == ["[0, 2, 4, 6, 8] {'ENGINE_IN_FORKED_PROCESS'}"]


def test_a_child_forked_before_the_first_session_may_start_its_own():
    code = """
        import os
        from pyspark_compat import _native as n
        pid = os.fork()
        if pid == 0:
            print(n.open_session({'conf': {}}) > 0, flush=True)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    """
    assert output(code) == ["True", "0"]


def test_ctrl_c_stops_a_waiting_script():
    process = start(OPEN + "print('waiting', flush=True)\nn.next_callback(s, 1)\n")
    assert process.stdout.readline() == "waiting\n"
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == -signal.SIGINT and err.rstrip().endswith("KeyboardInterrupt"), err
    assert time.monotonic() - begun < 5


def test_a_waiting_call_leaves_the_interpreter_to_others():
    code = OPEN + """
import threading, time
threads = [threading.Thread(target=n.next_callback, args=(s, lane), daemon=True) for lane in range(8)]
[t.start() for t in threads]
count = 0
end = time.monotonic() + 0.5
while time.monotonic() < end:
    count += 1
print(count > 50_000)
"""
    assert output(code) == ["True"]


def test_exit_waits_for_no_thread_that_waits():
    code = OPEN + """
import threading
for lane in range(4):
    threading.Thread(target=n.next_callback, args=(s, lane), daemon=True).start()
print('leaving')
"""
    begun = time.monotonic()
    assert output(code) == ["leaving"]
    assert time.monotonic() - begun < 10
