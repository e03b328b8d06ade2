"""RDD methods for keeping what was computed: persisting, checkpoints, and files."""
import os
import shutil

from pyspark_compat.core._rdd_shape import Shape, call_site, lineage, shape_of
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat_worker import rdd_codecs, rdd_steps_files
from pyspark_compat_worker.captured import Py4JJavaError
from pyspark_compat_worker.errors import not_implemented

OUTPUT = "spark.streaming.internal.outputOpId"  # an output operation of a batch, run again after a restart, writes over what it wrote


def make_folder(path):
    """Makes a folder and those above it, unless a file is one of them."""
    try:
        os.makedirs(path, exist_ok=True)
    except (NotADirectoryError, FileExistsError):
        while not os.path.isfile(path):
            path = os.path.dirname(path)
        raise Py4JJavaError._java("org.apache.hadoop.fs.ParentNotDirectoryException",
                                  f"Parent path is not a directory: {_uri(path)}") from None


class Storage:
    """What is kept of an RDD, and where."""

    def cache(self):
        """Keeps the elements in memory once they are computed."""
        return self.persist(StorageLevel.MEMORY_ONLY)

    def persist(self, storageLevel=StorageLevel.MEMORY_ONLY):
        """Keeps the elements at a storage level once they are computed. A level that is set does not change."""
        node = self._node
        if node.level is not None and node.level != storageLevel and storageLevel != StorageLevel.NONE:
            raise Py4JJavaError._java(
                "org.apache.spark.SparkUnsupportedOperationException",
                "Cannot change storage level of an RDD after it was already assigned a level: unpersist it first",
                "_LEGACY_ERROR_TEMP_3012")
        self.is_cached = True
        if storageLevel != StorageLevel.NONE:
            node.level = storageLevel
        return self

    def unpersist(self, blocking=False):
        """Keeps the elements no longer."""
        self.is_cached = False
        node = self._node
        if node.level is not None:
            self.ctx._jobs.unpersist(node)
        return self

    def getStorageLevel(self):
        """The level that the elements are kept at, StorageLevel.NONE for none."""
        return self._node.level or StorageLevel.NONE

    def checkpoint(self):
        """Writes the elements into the checkpoint directory after the next job, and lets go of what they came from."""
        if self.ctx._checkpoint_dir is None:
            raise Py4JJavaError._java("org.apache.spark.SparkException",
                                      "Checkpoint directory has not been set in the SparkContext")
        self.is_checkpointed = True
        node = self._node
        if not hasattr(node, "wanted"):
            node.wanted = os.path.join(self.ctx._checkpoint_dir, f"rdd-{node.id}")

    def isCheckpointed(self):
        """Whether the elements were written into the checkpoint directory."""
        return self._node.checkpoint_path is not None

    def getCheckpointFile(self):
        """The folder they were written into, or None."""
        path = self._node.checkpoint_path
        return None if path is None else f"file:{path}"

    def localCheckpoint(self):
        """Keeps the elements in memory and on disk from the next job on, without the care for lost machines."""
        node = self._node
        if node.level is None:
            node.level = StorageLevel.MEMORY_AND_DISK_DESER
        node.local = True

    def isLocallyCheckpointed(self):
        """Whether localCheckpoint was called."""
        return getattr(self._node, "local", False)

    def cleanShuffleDependencies(self, blocking=False):
        """Removes what shuffles beneath have written. It is also removed when nothing refers to it any more."""
        self.ctx._jobs.flush()

    def name(self):
        """The name that was given to it, or None."""
        return self._node.name

    def setName(self, name):
        """Gives it a name, which lineage texts show."""
        self._node.name = name
        return self

    def toDebugString(self):
        """The lineage in PySpark's form, as bytes."""
        return lineage(self._shape, self._stored).encode("utf-8")

    def _stored(self, node):
        return self.ctx._jobs.stored(node)

    def saveAsTextFile(self, path, compressionCodecClass=None):
        """Writes a file of lines for each partition below a new folder."""
        codec = compressionCodecClass or ""
        if not rdd_codecs.known(codec):
            raise not_implemented(f"saveAsTextFile(compressionCodecClass={codec!r})")
        self._save(path, lambda folder: rdd_steps_files.SaveText(folder, codec))

    def saveAsPickleFile(self, path, batchSize=10):
        """Writes a file of pickled lists for each partition below a new folder, in the form that pickleFile reads."""
        self._save(path, lambda folder: rdd_steps_files.SavePickle(folder, batchSize))

    def _save(self, path, step):
        folder = _local(path)
        if os.path.exists(folder) and not self.ctx.getLocalProperty(OUTPUT):
            raise Py4JJavaError._java("org.apache.hadoop.mapred.FileAlreadyExistsException",
                                      f"Output directory {_uri(folder)} already exists")
        make_folder(folder)
        parts = os.path.join(folder, "_temporary")
        shutil.rmtree(parts, ignore_errors=True)
        os.mkdir(parts)
        try:
            self._each(step(parts))
            for name in [name for name in os.listdir(parts) if name.startswith("part-")]:
                os.replace(os.path.join(parts, name), os.path.join(folder, name))
        finally:
            shutil.rmtree(parts, ignore_errors=True)
        with open(os.path.join(folder, "_SUCCESS"), "wb"):
            pass

    def saveAsHadoopDataset(self, conf, keyConverter=None, valueConverter=None):
        raise not_implemented("saveAsHadoopDataset: Hadoop's output formats")

    def saveAsHadoopFile(self, path, outputFormatClass, keyClass=None, valueClass=None, keyConverter=None,
                         valueConverter=None, conf=None, compressionCodecClass=None):
        raise not_implemented("saveAsHadoopFile: Hadoop's output formats")

    def saveAsNewAPIHadoopDataset(self, conf, keyConverter=None, valueConverter=None):
        raise not_implemented("saveAsNewAPIHadoopDataset: Hadoop's output formats")

    def saveAsNewAPIHadoopFile(self, path, outputFormatClass, keyClass=None, valueClass=None, keyConverter=None,
                               valueConverter=None, conf=None):
        raise not_implemented("saveAsNewAPIHadoopFile: Hadoop's output formats")

    def saveAsSequenceFile(self, path, compressionCodecClass=None):
        raise not_implemented("saveAsSequenceFile: Hadoop's output formats")


def _local(path):
    """A path of this machine: as given, or of a file: address."""
    if path.startswith("file:"):
        path = path[len("file:"):]
        path = path[2:] if path.startswith("//") else path
    elif "://" in path:
        raise not_implemented(f"files at {path.partition('://')[0]}://")
    return os.path.abspath(path)


def _uri(folder):
    return f"file:{folder}"


def write_checkpoints(context, node):
    """Writes what beneath a node shall be checkpointed and is not yet. Called when a job on the node is done."""
    pending, seen = [node] if context._checkpoint_dir is not None else [], set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        path = getattr(node, "wanted", None)
        if path is not None and node.checkpoint_path is None:
            os.makedirs(path, exist_ok=True)
            context._jobs.store(node, path)
            beneath = Shape(context._new_rdd_id(), "ReliableCheckpointRDD", call_site(), node.partitions)
            shape_of(node).beneath = [(beneath, False)]
            node.checkpointed(path)
        else:
            pending.extend(parent.node for parent in node.parents)
