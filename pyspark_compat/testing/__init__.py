"""Assertions for tests of user code."""
from pyspark_compat.testing._clock import ManualClock
from pyspark_compat.testing.unittestutils import main
from pyspark_compat.testing.utils import assertDataFrameEqual, assertSchemaEqual

__all__ = ["ManualClock", "assertDataFrameEqual", "assertSchemaEqual", "main"]
