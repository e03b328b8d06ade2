"""State of applyInPandasWithState: the names that user code imports. Running it is not implemented."""
from pyspark_compat._lazy import absent as _absent

__all__ = ["GroupState", "GroupStateTimeout"]

GroupState = _absent("GroupState", __name__)


class GroupStateTimeout:
    """Kinds of timeout of a group's state."""

    NoTimeout = "NoTimeout"
    ProcessingTimeTimeout = "ProcessingTimeTimeout"
    EventTimeTimeout = "EventTimeTimeout"
