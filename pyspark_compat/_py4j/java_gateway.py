"""py4j.java_gateway: the classes of objects that live in a JVM. No object here is one of these."""
from pyspark_compat_worker.errors import not_implemented

__all__ = ["GatewayParameters", "JavaClass", "JavaGateway", "JavaObject", "JavaPackage", "JVMView", "java_import",
           "is_instance_of"]


class _OfTheJVM:
    """A class for isinstance; making one raises NOT_IMPLEMENTED."""

    def __init__(self, *args, **kwargs):
        raise not_implemented(f"py4j.java_gateway.{type(self).__name__}: there is no JVM")


class JavaObject(_OfTheJVM):
    pass


class JavaClass(_OfTheJVM):
    pass


class JavaPackage(_OfTheJVM):
    pass


class JVMView(_OfTheJVM):
    pass


class JavaGateway(_OfTheJVM):
    pass


class GatewayParameters(_OfTheJVM):
    pass


def java_import(jvm_view, import_str):
    raise not_implemented("py4j.java_gateway.java_import: there is no JVM")


def is_instance_of(gateway, java_object, java_class):
    return False
