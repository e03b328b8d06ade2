"""py4j.java_collections: collections that live in a JVM. No object here is one of these."""
from pyspark_compat._py4j.java_gateway import _OfTheJVM

__all__ = ["JavaArray", "JavaList", "JavaMap", "JavaSet"]


class JavaArray(_OfTheJVM):
    pass


class JavaList(_OfTheJVM):
    pass


class JavaMap(_OfTheJVM):
    pass


class JavaSet(_OfTheJVM):
    pass
