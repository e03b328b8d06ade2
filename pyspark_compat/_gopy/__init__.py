"""Where the build puts the engine's extension module. Only pyspark_compat._native imports from here."""
