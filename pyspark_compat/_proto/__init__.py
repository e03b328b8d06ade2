"""The wire messages, in a descriptor pool of their own: ``from pyspark_compat._proto import relations``.

One module a .proto file, with the messages, enums and enum values that protoc's modules have. Loading a module makes
no class; asking for one does. proto/generate.py writes the modules; _pool.py is what they share.
"""
