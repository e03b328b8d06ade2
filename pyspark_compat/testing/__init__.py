"""Assertions for tests of user code."""
from pyspark_compat.testing.unittestutils import main
from pyspark_compat.testing.utils import assertDataFrameEqual, assertSchemaEqual

__all__ = ["assertDataFrameEqual", "assertSchemaEqual", "main"]
