"""Small things that PySpark offers in pyspark.util."""
import contextlib
import functools
import gc
import re
import sys
import threading
import traceback

from pyspark_compat_worker.errors import PySparkRuntimeError, not_implemented
from pyspark_compat_worker.eval_types import PythonEvalType  # noqa: F401

from pyspark_compat.serializers import SpecialLengths, UTF8Deserializer, read_int, write_int, write_with_length  # noqa: F401

__all__ = []

JVM_BYTE_MIN, JVM_BYTE_MAX = -(1 << 7), (1 << 7) - 1
JVM_SHORT_MIN, JVM_SHORT_MAX = -(1 << 15), (1 << 15) - 1
JVM_INT_MIN, JVM_INT_MAX = -(1 << 31), (1 << 31) - 1
JVM_LONG_MIN, JVM_LONG_MAX = -(1 << 63), (1 << 63) - 1


def print_exec(stream):
    """Prints the exception that is being handled."""
    traceback.print_exception(*sys.exc_info(), None, stream)


class VersionUtils:
    """Reads Spark versions."""

    @staticmethod
    def majorMinorVersion(sparkVersion):
        match = re.match(r"(\d+)\.(\d+)(\..*)?$", sparkVersion)
        if match is None:
            raise ValueError(f"'{sparkVersion}' is no Spark version: it has no major and minor number")
        return int(match.group(1)), int(match.group(2))


def fail_on_stopiteration(f):
    """The function with its StopIteration turned into an error, which no loop takes for its end."""

    def wrapper(*args, **kwargs):
        try:
            return f(*args, **kwargs)
        except StopIteration as e:
            raise PySparkRuntimeError(
                errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": str(e)}) from e

    return wrapper


def walk_tb(tb):
    """The traceback's links, one by one."""
    while tb is not None:
        yield tb
        tb = tb.tb_next


def try_simplify_traceback(tb):
    """The traceback without frames of this package, or None if nothing is left."""
    import os

    roots = tuple(os.path.dirname(sys.modules[m].__file__) for m in ("pyspark_compat", "pyspark_compat_worker")
                  if m in sys.modules)
    kept = [t for t in walk_tb(tb) if not t.tb_frame.f_code.co_filename.startswith(roots)]
    made = None
    for t in reversed(kept):
        made = type(t)(made, t.tb_frame, t.tb_lasti, t.tb_lineno)
    return made


def _parse_memory(s):
    """Memory in MB from text such as "512m"."""
    units = {"k": 1 / 1024, "m": 1, "g": 1024, "t": 1 << 20}
    if s[-1].lower() not in units:
        raise ValueError("invalid format: " + s)
    return int(float(s[:-1]) * units[s[-1].lower()])


def inheritable_thread_target(f):
    """The function for a new thread, with this thread's local properties; given a session, a decorator that does so."""
    from pyspark_compat.sql import SparkSession

    if isinstance(f, SparkSession):
        return lambda target: _inheriting(target, f)
    return _inheriting(f, None)


def _inheriting(target, session):
    properties = _local_properties()
    tags = set(session.getTags()) if session is not None else set()

    @functools.wraps(target)
    def wrapped(*args, **kwargs):
        _set_local_properties(properties)
        for tag in tags:
            session.addTag(tag)
        return target(*args, **kwargs)

    return wrapped


def _context():
    module = sys.modules.get("pyspark_compat.core.context")
    return module.SparkContext._active_spark_context if module is not None else None


def _local_properties():
    context = _context()
    get = getattr(context, "_local_properties", None)
    return dict(get()) if callable(get) else {}


def _set_local_properties(properties):
    context = _context()
    for key, value in properties.items():
        context.setLocalProperty(key, value)


class InheritableThread(threading.Thread):
    """A thread that starts with the local properties of the thread that starts it."""

    def __init__(self, target, *args, session=None, **kwargs):
        self._session = session
        self._target_function = target
        self._inherited = target
        super().__init__(*args, target=lambda *a, **k: self._inherited(*a, **k), **kwargs)

    def start(self):
        self._inherited = _inheriting(self._target_function, self._session)
        return super().start()


def handle_worker_exception(e, outfile, hide_traceback=None):
    """Writes an exception's text to a stream as PySpark's workers do."""
    lines = traceback.format_exception_only(type(e), e) if hide_traceback else traceback.format_exception(e)
    write_int(SpecialLengths.PYTHON_EXCEPTION_THROWN, outfile)
    write_with_length("".join(lines).encode("utf-8"), outfile)


def local_connect_and_auth(conn_info, auth_secret):
    raise not_implemented("local_connect_and_auth: there is no JVM to connect to")


@contextlib.contextmanager
def disable_gc():
    """Garbage collection off inside the block."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def is_remote_only():
    """Whether only the remote client is installed: no, the engine is here."""
    return False


def spark_connect_mode():
    """The setting SPARK_CONNECT_MODE."""
    import os

    return os.environ.get("SPARK_CONNECT_MODE", "")


def default_api_mode():
    """How a session runs unless told otherwise."""
    return "classic"
