"""The Java gateway that PySpark has and this package has not."""
from pyspark_compat_worker.errors import not_implemented


def launch_gateway(conf=None, popen_kwargs=None):
    raise not_implemented("launch_gateway: there is no JVM")


def ensure_callback_server_started(gw):
    raise not_implemented("ensure_callback_server_started: there is no JVM")
