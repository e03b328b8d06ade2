"""RDDs of local collections and unions of RDDs: nodes that a SparkContext makes."""
from pyspark_compat._pickling import dumps
from pyspark_compat_worker import rdd_sources

_BATCH = 1024  # elements pickled as one list, at most


def rdd_of(context, partitions, step, parents=(), payloads=None):
    """The RDD of a new node."""
    from pyspark_compat.core._lineage import Node
    from pyspark_compat.core.rdd import RDD

    return RDD._of(context, Node(context._new_rdd_id(), partitions, step, list(parents), payloads))


def parallelize(context, values, slices):
    """An RDD of a collection in `slices` partitions, which are cut between pickled lists as PySpark cuts them."""
    if isinstance(values, range) and len(values) > 0:
        return rdd_of(context, slices, rdd_sources.Range(values.start, len(values), values.step, slices))
    values = values if isinstance(values, (list, tuple)) else list(values)
    size = max(1, min(len(values) // slices, context._batchSize or _BATCH))
    lists = [dumps(list(values[at:at + size])) for at in range(0, len(values), size)]
    cuts = [part * len(lists) // slices for part in range(slices + 1)]
    payloads = [b"".join(lists[start:end]) for start, end in zip(cuts, cuts[1:])]
    return rdd_of(context, slices, None, payloads=payloads)


def union(context, rdds):
    """One RDD of all; partitions stay apart unless all RDDs are partitioned alike, which the union then is too."""
    from pyspark_compat.core._lineage import Lists, One

    partitioner = rdds[0].partitioner
    nodes = [rdd._node for rdd in rdds if rdd._node.partitions]
    if partitioner is not None and all(rdd.partitioner == partitioner for rdd in rdds):
        made = rdd_of(context, nodes[0].partitions, rdd_sources.Chain(), [One(node) for node in nodes])
        return made
    total, before, parents = sum(node.partitions for node in nodes), 0, []
    for node in nodes:
        own = range(before, before + node.partitions)
        parents.append(Lists(node, [[at - before] if at in own else [] for at in range(total)]))
        before += node.partitions
    return rdd_of(context, total, rdd_sources.Chain(), parents)
