"""Profilers of Python workers: named, and refused when they are used."""
from pyspark_compat._lazy import absent

__all__ = ["BasicProfiler", "Profiler"]

Profiler = absent("Profiler", __name__)
BasicProfiler = absent("BasicProfiler", __name__)
ProfilerCollector = absent("ProfilerCollector", __name__)
