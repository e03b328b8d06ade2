"""RDDs of local collections and unions of RDDs: nodes that a SparkContext makes."""
from pyspark_compat.core._jobs import pickled as dumps
from pyspark_compat.serializers import BatchedSerializer
from pyspark_compat_worker import rdd_sources
from pyspark_compat_worker.captured import Py4JJavaError

_BATCH = 1024  # elements pickled as one list, at most


def rdd_of(context, partitions, step, parents=(), payloads=None, *, serializer=None, id=None):
    """The RDD of a new node; the serializer says in what batches PySpark would hold its elements."""
    from pyspark_compat.core._lineage import Node
    from pyspark_compat.core.rdd import RDD

    number = context._new_rdd_id() if id is None else id
    return RDD._of(context, Node(number, partitions, step, list(parents), payloads), serializer)


def parallelize(context, values, slices):
    """An RDD of a collection in `slices` partitions, which are cut between pickled lists as PySpark cuts them."""
    if isinstance(values, range) and len(values) > 0:
        return _range(context, values, slices)
    values = values if isinstance(values, (list, tuple)) else list(values)
    size = max(1, min(len(values) // slices, context._batchSize or _BATCH))
    lists = [dumps(list(values[at:at + size])) for at in range(0, len(values), size)]
    if slices < 0:
        raise Py4JJavaError._java("java.lang.IllegalArgumentException", f"The number of partitions is {slices}: it must be positive.")
    cuts = [part * len(lists) // slices for part in range(slices + 1)]
    payloads = [b"".join(lists[start:end]) for start, end in zip(cuts, cuts[1:])]
    return rdd_of(context, slices, None, payloads=payloads,
                  serializer=BatchedSerializer(context._unbatched_serializer, size))


def _range(context, values, slices):
    """An RDD of a range: as in PySpark, of a function over empty partitions."""
    return parallelize(context, [], slices)._then(rdd_sources.Range(values.start, len(values), values.step, slices))


def union(context, rdds):
    """One RDD of all; partitions stay apart unless all RDDs are partitioned alike, which the union then is too."""
    from pyspark_compat.core._lineage import Lists, One
    from pyspark_compat.core._rdd_shape import Shape, by_java, shape_of

    serializer = rdds[0]._jrdd_deserializer
    if any(rdd._jrdd_deserializer != serializer for rdd in rdds):
        rdds = [rdd._reserialize() for rdd in rdds]
        serializer = rdds[0]._jrdd_deserializer
    partitioner = rdds[0].partitioner
    nodes = [rdd._node for rdd in rdds if rdd.getNumPartitions()]
    if partitioner is not None and all(rdd.partitioner == partitioner for rdd in rdds):
        made = rdd_of(context, nodes[0].partitions, rdd_sources.Chain(), [One(node) for node in nodes], serializer=serializer)
        beneath = [(shape_of(node), False) for node in nodes]
        made._node.shape = Shape(made._node.id, "PartitionerAwareUnionRDD", by_java("union"), nodes[0].partitions, beneath, made._node)
        return made
    total, before, parents = sum(node.partitions for node in nodes), 0, []
    for node in nodes:
        parents.append(Lists(node, [[at] for at in range(node.partitions)], before))
        before += node.partitions
    return rdd_of(context, total, rdd_sources.Chain(), parents, serializer=serializer)
