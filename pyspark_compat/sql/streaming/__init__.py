"""Structured Streaming."""
import importlib

_HOMES = {
    "StreamingQuery": "query", "StreamingQueryManager": "query", "DataStreamReader": "readwriter",
    "DataStreamWriter": "readwriter", "StreamingQueryListener": "listener",
}
__all__ = [*_HOMES, "StreamingQueryException"]


def __getattr__(name):
    if name in _HOMES:
        found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    elif name == "StreamingQueryException":
        from pyspark_compat.errors import StreamingQueryException as found
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__():
    return sorted(set(globals()) | set(__all__))
