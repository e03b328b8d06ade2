"""What both sides of a Python function need: Row, the data types, errors, Arrow conversion and the worker runtime.

Imports nothing of pyspark_compat; pyspark_compat re-exports these very classes.
"""
