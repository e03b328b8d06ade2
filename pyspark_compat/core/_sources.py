"""Where RDDs come from: the part of SparkContext that makes them of collections, files and other RDDs.

Files are listed at the first action: a path that does not exist is an error of the action.
"""
import pickle

from pyspark_compat.core import _collections
from pyspark_compat.core._lineage import Node
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.serializers import NoOpSerializer, PairDeserializer, UTF8Deserializer
from pyspark_compat_worker import rdd_files, rdd_sources
from pyspark_compat_worker.captured import Py4JError, Py4JJavaError
from pyspark_compat_worker.errors import not_implemented

_RECURSIVE = "mapreduce.input.fileinputformat.input.dir.recursive"
_NEW_API = "org.apache.hadoop.mapreduce.lib.input.InvalidInputException"


class FileNode(Node):
    """A node whose partitions are parts of files, which are listed when somebody first asks."""

    def __init__(self, context, step, parts, beneath, method, name):
        self._parts, self._listed, self._method = parts, None, method
        self._beneath = beneath, context._new_rdd_id()  # the kind and number of the RDD that PySpark has under it
        super().__init__(context._new_rdd_id(), None, step)
        self.name = name

    def _list(self):
        if self._listed is None:
            self._listed = [pickle.dumps(part) for part in self._parts()]
        return self._listed

    partitions = property(lambda self: len(self._list()), lambda self, value: None)
    payloads = property(_list, lambda self, value: None)

    @property
    def shape(self):
        """Its line in a lineage's text."""
        from pyspark_compat.core._rdd_shape import Shape, by_java

        place, (kind, number) = by_java(self._method), self._beneath
        beneath = Shape(number, kind, place, None, [], self)
        return Shape(self.id, "MapPartitionsRDD", place, None, [(beneath, False)], self)


class Sources:
    """The part of SparkContext that makes RDDs."""

    def parallelize(self, c, numSlices=None):
        """An RDD of a local collection."""
        self._check_running()
        return _collections.parallelize(self, c, self.defaultParallelism if numSlices is None else int(numSlices))

    def range(self, start, end=None, step=1, numSlices=None):
        """An RDD of the integers from start (0 if only one bound is given) up to end, without end."""
        return self.parallelize(range(start, end, step) if end is not None else range(0, start, step), numSlices)

    def emptyRDD(self):
        """An RDD without partitions and elements."""
        self._check_running()
        return _collections.rdd_of(self, 0, rdd_sources.Chain(), serializer=NoOpSerializer())

    def union(self, rdds):
        """One RDD of the elements of all."""
        return _collections.union(self, rdds)

    def _files(self, method, name, step, parts, beneath, serializer=None):
        from pyspark_compat.core.rdd import RDD

        self._check_running()
        return RDD._of(self, FileNode(self, step, parts, beneath, method, name), serializer)

    def _listed(self, name, **how):
        recursive = any((self._conf.get(prefix + _RECURSIVE) or "").lower() == "true" for prefix in ("spark.hadoop.", ""))
        return rdd_files.files_of(name, recursive=recursive, **how)

    def _at_least(self, given):
        least = given or self.defaultMinPartitions
        if not isinstance(least, int):
            raise Py4JError(f"minPartitions is a number, not {least!r}")
        return least

    @user_facing
    def textFile(self, name, minPartitions=None, use_unicode=True):
        """An RDD of the lines of files: paths, globs and directories, separated by commas."""
        least = self._at_least(minPartitions)
        if least < 0:
            raise Py4JJavaError._java("java.lang.IllegalArgumentException", f"minPartitions is negative: {least}")
        return self._files("textFile", name, rdd_files.Lines(use_unicode), lambda: rdd_files.splits(
            self._listed(name), least), "HadoopRDD", UTF8Deserializer(use_unicode))

    @user_facing
    def wholeTextFiles(self, path, minPartitions=None, use_unicode=True):
        """An RDD of pairs of a file's name and its text."""
        least = self._at_least(minPartitions)

        def parts():
            files = self._listed(path, exception=_NEW_API, refuse_folders=False)
            return rdd_files.groups(files, rdd_files.whole_text_limit(files, least))

        text = UTF8Deserializer(use_unicode)
        return self._files("wholeTextFiles", path, rdd_files.WholeFiles("text" if use_unicode else "utf8"), parts,
                           "WholeTextFileRDD", PairDeserializer(text, text))

    @user_facing
    def binaryFiles(self, path, minPartitions=None):
        """An RDD of pairs of a file's name and its bytes."""
        least = self._at_least(minPartitions)

        def parts():
            files = self._listed(path, exception=_NEW_API, refuse_folders=False)
            return rdd_files.groups(files, rdd_files.binary_limit(files, least, self.defaultParallelism))

        return self._files("binaryFiles", path, rdd_files.WholeFiles("binary"), parts, "BinaryFileRDD",
                           PairDeserializer(UTF8Deserializer(), NoOpSerializer()))

    @user_facing
    def binaryRecords(self, path, recordLength):
        """An RDD of the records of files, all of one length in bytes."""
        return self._files("binaryRecords", path, rdd_files.Records(recordLength), lambda: rdd_files.record_splits(
            self._listed(path, exception=_NEW_API, refuse_folders=False), recordLength), "NewHadoopRDD", NoOpSerializer())

    @user_facing
    def pickleFile(self, name, minPartitions=None):
        """An RDD of what RDD.saveAsPickleFile wrote."""
        from pyspark_compat_worker.pickle_files import PickledLists

        least = self._at_least(minPartitions)
        return self._files("objectFile", name, PickledLists(), lambda: rdd_files.splits(
            self._listed(name), least, smallest=100 << 10), "HadoopRDD")

    def hadoopFile(self, path, inputFormatClass, keyClass, valueClass, keyConverter=None, valueConverter=None,
                   conf=None, batchSize=0):
        """Not implemented: Hadoop's input formats are classes of Java."""
        raise not_implemented("SparkContext.hadoopFile: Hadoop input formats")

    def hadoopRDD(self, inputFormatClass, keyClass, valueClass, keyConverter=None, valueConverter=None, conf=None,
                  batchSize=0):
        """Not implemented: Hadoop's input formats are classes of Java."""
        raise not_implemented("SparkContext.hadoopRDD: Hadoop input formats")

    def newAPIHadoopFile(self, path, inputFormatClass, keyClass, valueClass, keyConverter=None, valueConverter=None,
                         conf=None, batchSize=0):
        """Not implemented: Hadoop's input formats are classes of Java."""
        raise not_implemented("SparkContext.newAPIHadoopFile: Hadoop input formats")

    def newAPIHadoopRDD(self, inputFormatClass, keyClass, valueClass, keyConverter=None, valueConverter=None,
                        conf=None, batchSize=0):
        """Not implemented: Hadoop's input formats are classes of Java."""
        raise not_implemented("SparkContext.newAPIHadoopRDD: Hadoop input formats")

    def sequenceFile(self, path, keyClass=None, valueClass=None, keyConverter=None, valueConverter=None,
                     minSplits=None, batchSize=0):
        """Not implemented: keys and values are classes of Java."""
        raise not_implemented("SparkContext.sequenceFile: Hadoop sequence files")
