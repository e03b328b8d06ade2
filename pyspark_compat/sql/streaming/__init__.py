"""Structured Streaming. Names load with their first use."""
from pyspark_compat._lazy import getter as _getter
from pyspark_compat.errors import StreamingQueryException  # noqa: F401

_HOMES = {
    "StreamingQuery": "query", "StreamingQueryManager": "query", "DataStreamReader": "readwriter",
    "DataStreamWriter": "readwriter", "StreamingQueryListener": "listener", "StatefulProcessor": "stateful_processor",
    "StatefulProcessorHandle": "stateful_processor", "TwsTester": "tws_tester",
}
_MODULES = {"query", "readwriter", "listener", "state", "stateful_processor"}

__all__ = [*_HOMES, "StreamingQueryException"]

__getattr__ = _getter(__name__, globals(), _HOMES, _MODULES)


def __dir__():
    return sorted(set(globals()) | set(_HOMES) | _MODULES)
