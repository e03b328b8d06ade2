"""The PySpark version that this package speaks, and its own."""
__version__ = "4.3.0"
__own_version__ = "0.1.0"
