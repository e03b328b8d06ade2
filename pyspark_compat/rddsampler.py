"""Samplers of RDDs under PySpark's module name."""
from pyspark_compat_worker.rdd_samplers import (  # noqa: F401
    RDDRangeSampler,
    RDDSampler,
    RDDSamplerBase,
    RDDStratifiedSampler,
)
