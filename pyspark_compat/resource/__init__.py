"""Resource profiles: what user code asks of executors. Here they are kept and readable, and change nothing."""
from pyspark_compat.resource.information import ResourceInformation
from pyspark_compat.resource.profile import ResourceProfile, ResourceProfileBuilder
from pyspark_compat.resource.requests import (
    ExecutorResourceRequest,
    ExecutorResourceRequests,
    TaskResourceRequest,
    TaskResourceRequests,
)

__all__ = [
    "ExecutorResourceRequest",
    "ExecutorResourceRequests",
    "ResourceInformation",
    "ResourceProfile",
    "ResourceProfileBuilder",
    "TaskResourceRequest",
    "TaskResourceRequests",
]
