"""transformWithState: the names that user code subclasses and imports. Running it is not implemented."""
from pyspark_compat._lazy import absent as _absent

__all__ = ["StatefulProcessor", "StatefulProcessorHandle"]

StatefulProcessor = _absent("StatefulProcessor", __name__)
StatefulProcessorHandle = _absent("StatefulProcessorHandle", __name__)
ListState, MapState, ValueState, TimerValues, ExpiredTimerInfo = (
    _absent(name, __name__) for name in ("ListState", "MapState", "ValueState", "TimerValues", "ExpiredTimerInfo"))
