"""What `py4j` means under the alias: the names of PySpark's gateway to its JVM that programs import, without a JVM."""
