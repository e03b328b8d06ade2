"""RDD: a distributed collection, lazily made of others by steps that run in workers."""
import threading
from typing import Generic, TypeVar

from pyspark_compat._lazy import getter
from pyspark_compat.core._lineage import Node, One
from pyspark_compat.core._rdd_actions import Actions
from pyspark_compat.core._rdd_elements import Elements
from pyspark_compat.core._rdd_layout import Layout
from pyspark_compat.core._rdd_numbers import BoundedFloat, Numbers  # noqa: F401
from pyspark_compat.core._rdd_pairs import Pairs
from pyspark_compat.core._rdd_shape import PYTHON, Shape, shape_of
from pyspark_compat.core._rdd_sorting import Sorting
from pyspark_compat.core._rdd_storage import Storage, write_checkpoints
from pyspark_compat.errors import PySparkRuntimeError
from pyspark_compat.errors.exceptions import users_class
from pyspark_compat.serializers import (  # noqa: F401
    AutoBatchedSerializer,
    BatchedSerializer,
    CartesianDeserializer,
    CloudPickleSerializer,
    CPickleSerializer,
    NoOpSerializer,
    PairDeserializer,
    Serializer,
)
from pyspark_compat_worker.rdd_hash import Partitioner, portable_hash  # noqa: F401
from pyspark_compat_worker.rdd_steps import IndexedPartitions, Partitions, Pipeline
from pyspark_compat_worker.rdd_steps_layout import OTHER_BATCHES
from pyspark_compat_worker.captured import Py4JJavaError

__all__ = ["RDD"]

# PySpark's module has these by what it imports, and programs take them from it
_HOMES = {
    "Aggregator": "shuffle", "ExternalGroupBy": "shuffle", "ExternalMerger": "shuffle", "ExternalSorter": "shuffle",
    "RDDRangeSampler": "rddsampler", "RDDSampler": "rddsampler", "RDDStratifiedSampler": "rddsampler", "ResultIterable": "resultiterable",
    "ExecutorResourceRequests": "resource", "ResourceProfile": "resource", "TaskResourceRequests": "resource", "StatCounter": "statcounter",
    "SCCallSiteSync": "traceback_utils", "StorageLevel": "storagelevel",
}

__getattr__ = getter("pyspark_compat", globals(), _HOMES, ())

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


@users_class
class RDD(Elements, Pairs, Layout, Sorting, Numbers, Actions, Storage, Generic[T_co]):
    """Elements in partitions. Making one costs nothing: partitions are computed by actions."""

    def __init__(self, jrdd, ctx, jrdd_deserializer=AutoBatchedSerializer(CPickleSerializer())):
        self._jrdd = jrdd  # a Node of the lineage
        self.is_cached = False
        self.is_checkpointed = False
        self.has_resource_profile = False
        self.ctx = ctx
        self._jrdd_deserializer = jrdd_deserializer
        self._id = jrdd.id
        self.partitioner = None

    @staticmethod
    def _of(ctx, node, serializer=None):
        """The RDD of a node; `serializer` says in what batches PySpark has the elements."""
        if serializer is None:
            serializer = AutoBatchedSerializer(CPickleSerializer())
        return RDD(node, ctx, serializer)

    @property
    def _node(self):
        return self._jrdd

    @property
    def _shape(self):
        return shape_of(self._node)

    def _made(self, kind, place, partitions, step, parents, serializer, beneath=None):
        """An RDD of a new node with a line of its own in lineages."""
        node = Node(self.ctx._new_rdd_id(), partitions, step, parents)
        if beneath is None:
            beneath = [(shape_of(parent.node), False) for parent in parents]
        node.shape = Shape(node.id, kind, place, partitions, beneath, node)
        return RDD(node, self.ctx, serializer)

    def _then(self, step, preserves=False):
        """An RDD of what a step makes of this one's partitions."""
        return PipelinedRDD(self, step, preserves)

    def _run(self, node, partitions):
        """The elements of some partitions of a node, as a list."""
        if not partitions:
            return []
        try:
            found = self.ctx._jobs.collect(node, None, partitions)
        except Py4JJavaError as e:
            said = _zip_of_other_lengths(e, node is self._node and self._shape.kind == "ZippedPartitionsRDD2")
            if said is None:
                raise
            raise said from None
        write_checkpoints(self.ctx, node)
        return found

    def id(self):
        """A number that no other RDD of the context has."""
        return self._id

    def __repr__(self):
        return str(self._shape)

    def __getnewargs__(self):
        raise PySparkRuntimeError(errorClass="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER", messageParameters={})

    @property
    def context(self):
        """The SparkContext that it belongs to."""
        return self.ctx

    def getNumPartitions(self):
        """How many partitions it has."""
        return self._node.partitions

    def barrier(self):
        """This RDD, whose tasks are to run all at once."""
        return RDDBarrier(self)

    def _is_barrier(self):
        return self._node.barrier

    def withResources(self, profile):
        """Notes the resources that tasks need; on one machine they change nothing."""
        self.has_resource_profile = True
        self._node.resources = profile
        return self

    def getResourceProfile(self):
        """The resources that were noted, or None."""
        return getattr(self._node, "resources", None)

    def toDF(self, schema=None, sampleRatio=None):
        """A DataFrame of the elements."""
        from pyspark_compat.sql._rdd_frames import to_df

        return to_df(self, schema, sampleRatio)


_making = threading.RLock()


class PipelinedRDD(RDD):
    """An RDD whose partitions come from one partition each of another, by steps that run in one go."""

    def __init__(self, prev, func, preservesPartitioning=False, isFromBarrier=False):
        step = func if getattr(type(func), "__module__", "").startswith("pyspark_compat_worker.") else IndexedPartitions(func)
        if isinstance(prev, PipelinedRDD) and prev._is_pipelinable():
            self._steps, self._source = (*prev._steps, step), prev._source
            self.preservesPartitioning = prev.preservesPartitioning and preservesPartitioning
        else:
            self._steps, self._source = (step,), prev._node
            self.preservesPartitioning = preservesPartitioning
        self.is_cached = self.is_checkpointed = self.has_resource_profile = False
        self.ctx = prev.ctx
        self.prev = prev
        self._made_node = self._id = None
        self._jrdd_deserializer = self.ctx.serializer
        self.partitioner = prev.partitioner if self.preservesPartitioning else None
        self.is_barrier = isFromBarrier or prev._is_barrier()
        self._place = PYTHON

    def getNumPartitions(self):
        return self._source.partitions

    @property
    def _jrdd(self):
        """The node, made when it is first needed."""
        if self._made_node is None:
            self._make_node()
        return self._made_node

    def _make_node(self):
        with _making:  # jobs of several threads have one node
            if self._made_node is not None:
                return
            source, count = self._source, self._source.partitions
            node = Node(self.ctx._new_rdd_id(), count, Pipeline(self._steps), [One(source)], barrier=self.is_barrier)
            node.shape = Shape(node.id, "PythonRDD", self._place, count, [(shape_of(source), False)], node)
            self._id, self._made_node = node.id, node

    def id(self):
        return self._jrdd.id

    def _is_pipelinable(self):
        return not (self.is_cached or self.is_checkpointed or self.has_resource_profile)

    def _is_barrier(self):
        return self.is_barrier


class RDDBarrier(Generic[T]):
    """An RDD whose tasks run all at once."""

    def __init__(self, rdd):
        self.rdd = rdd

    def mapPartitions(self, f, preservesPartitioning=False):
        """What a function makes of each partition's iterator; all tasks run at once."""
        return PipelinedRDD(self.rdd, Partitions(f), preservesPartitioning, isFromBarrier=True)

    def mapPartitionsWithIndex(self, f, preservesPartitioning=False):
        """What a function makes of each partition's number and iterator; all tasks run at once."""
        return PipelinedRDD(self.rdd, f, preservesPartitioning, isFromBarrier=True)


_LENGTHS = "Can not deserialize PairRDD with different number of items in batches"


def _zip_of_other_lengths(error, itself):
    """What a job says where a zip met lengths that differ, None where it met none: PySpark's JVM notices other numbers of
    batches, and the driver what differs within a batch where the job is on the zip itself."""
    said = str(error)
    if f"ValueError: {OTHER_BATCHES}" in said:
        return Py4JJavaError._java("org.apache.spark.SparkException", OTHER_BATCHES)
    if itself and _LENGTHS in said:
        return ValueError(said[said.index(_LENGTHS):].splitlines()[0])
    return None
