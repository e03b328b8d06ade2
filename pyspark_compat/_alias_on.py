"""Importing this module puts the alias in place: for processes that start with an import."""
from pyspark_compat._alias import install

install()
