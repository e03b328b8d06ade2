"""State of applyInPandasWithState: what its functions get, and the kinds of timeout."""
from pyspark_compat_worker.group_state import GroupState, GroupStateTimeout

__all__ = ["GroupState", "GroupStateTimeout"]
