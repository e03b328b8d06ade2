"""RDD methods that change which elements lie in which partition, or join RDDs partition by partition."""
from pyspark_compat.core._lineage import Lists, One, Shuffle
from pyspark_compat.core._rdd_shape import Shape, by_java
from pyspark_compat.serializers import (
    BatchedSerializer,
    CartesianDeserializer,
    CPickleSerializer,
    PairDeserializer,
)
from pyspark_compat_worker import rdd_steps, rdd_steps_layout, rdd_steps_pairs


def batching(serializer):
    """How a serializer cuts elements into batches: a size, -1 for one batch, 0 for growing ones."""
    if isinstance(serializer, BatchedSerializer):
        return serializer.batchSize
    if isinstance(serializer, PairDeserializer):
        return batching(serializer.key_ser)
    if isinstance(serializer, CartesianDeserializer):
        sizes = batching(serializer.key_ser), batching(serializer.val_ser)
        return sizes[0] * sizes[1] if min(sizes) > 0 else min(sizes)
    return 1


class Layout:
    """Transformations of partitions."""

    def union(self, other):
        """The elements of both, partition behind partition."""
        if self._jrdd_deserializer == other._jrdd_deserializer:
            made = self.ctx.union([self, other])
        else:
            made = self.ctx.union([self._reserialize(), other._reserialize()])
        if self.partitioner == other.partitioner and self.getNumPartitions() == made.getNumPartitions():
            made.partitioner = self.partitioner
        return made

    def __add__(self, other):
        if not isinstance(other, Layout):
            raise TypeError(f"an RDD and a {type(other).__name__} do not add up")
        return self.union(other)

    def cartesian(self, other):
        """All pairs of an element of this and one of the other."""
        mine, its = self._node, other._node
        count = its.partitions
        cells = range(mine.partitions * count)
        parents = [Lists(mine, [[cell // count] for cell in cells]), Lists(its, [[cell % count] for cell in cells])]
        step = rdd_steps_layout.Cartesian(batching(self._jrdd_deserializer), batching(other._jrdd_deserializer))
        return self._made("CartesianRDD", by_java("cartesian"), len(cells), step, parents,
                          CartesianDeserializer(self._jrdd_deserializer, other._jrdd_deserializer))

    def zip(self, other):
        """Pairs of the elements at the same places; both have the same partitions and numbers of elements."""
        mine, its = ([s.batchSize if isinstance(s, BatchedSerializer) else 1][0]
                     for s in (self._jrdd_deserializer, other._jrdd_deserializer))
        left, right = self, other
        if mine != its or not mine:
            size = min(mine, its)
            even = BatchedSerializer(CPickleSerializer(), size if size > 0 else 100)
            right, left = other._reserialize(even), self._reserialize(even)
        if left.getNumPartitions() != right.getNumPartitions():
            raise ValueError("Can only zip with RDD which has the same number of partitions")
        step = rdd_steps_layout.Zip(batching(left._jrdd_deserializer))
        return self._made("ZippedPartitionsRDD2", by_java("zip"), left._node.partitions, step,
                          [One(left._node), One(right._node)],
                          PairDeserializer(left._jrdd_deserializer, right._jrdd_deserializer))

    def repartition(self, numPartitions):
        """The elements spread evenly over so many partitions."""
        return self.coalesce(numPartitions, shuffle=True)

    def coalesce(self, numPartitions, shuffle=False):
        """Fewer partitions, neighbours joined; with a shuffle any number, the elements spread evenly."""
        if not numPartitions > 0:
            raise ValueError("The number of partitions must be positive.")
        if shuffle:
            return self._spread(numPartitions)
        node = self._node
        count = min(numPartitions, node.partitions)
        cuts = [part * node.partitions // count for part in range(count + 1)] if count else [0]
        lists = [list(range(start, end)) for start, end in zip(cuts, cuts[1:])]
        return self._made("CoalescedRDD", by_java("coalesce"), count, rdd_steps_layout.Concat(), [Lists(node, lists)],
                          self._jrdd_deserializer)

    def _spread(self, partitions):
        tens = BatchedSerializer(CPickleSerializer(), min(10, self.ctx._batchSize or 1024))
        source = self._reserialize(tens)
        node, place = source._node, by_java("coalesce")
        new_id = self.ctx._new_rdd_id
        spread = Shape(new_id(), "MapPartitionsRDD", place, node.partitions, [(source._shape, False)])
        shuffled = Shape(new_id(), "ShuffledRDD", place, partitions, [(spread, True)])
        joined = Shape(new_id(), "CoalescedRDD", place, partitions, [(shuffled, False)])
        parents = [Shuffle(node, rdd_steps_layout.SpreadWriter(partitions), partitions)]
        return self._made("MapPartitionsRDD", place, partitions, rdd_steps_layout.Concat(), parents, tens,
                          [(joined, False)])

    def _reserialize(self, serializer=None):
        """This RDD, or where its elements come in other batches one in which they do not."""
        serializer = serializer or self.ctx.serializer
        if self._jrdd_deserializer == serializer:
            return self
        made = self._then(rdd_steps.Same(), True)
        made._jrdd_deserializer = serializer
        return made

    def _shuffle(self, writer, partitioner, place):
        """The elements as a writer gives them to the partitions."""
        node, count, new_id = self._node, partitioner.numPartitions, self.ctx._new_rdd_id
        pairs = Shape(new_id(), "PairwiseRDD", place, node.partitions, [(self._shape, False)])
        shuffled = Shape(new_id(), "ShuffledRDD", by_java("partitionBy"), count, [(pairs, True)])
        made = self._made("MapPartitionsRDD", "mapPartitions at PythonRDD.scala:197", count, rdd_steps_layout.Concat(),
                          [Shuffle(node, writer, count)], BatchedSerializer(self.ctx._unbatched_serializer),
                          [(shuffled, False)])
        made.partitioner = partitioner
        return made

    def partitionBy(self, numPartitions, partitionFunc=rdd_steps_pairs.portable_hash):
        """The pairs in the partitions that a function of their keys gives."""
        partitioner = self._partitioner(numPartitions, partitionFunc)
        if self.partitioner == partitioner:
            return self
        return self._partitioned(partitioner, None)

    def _partitioned(self, partitioner, how):
        """The pairs by partition of their keys; `how` says how values are combined on the way, or None."""
        from pyspark_compat.core._rdd_shape import call_site

        place = call_site()
        limit = self._memory_limit() << 20
        if how is None:
            writer = rdd_steps_pairs.PartitionWriter(partitioner.partitionFunc, partitioner.numPartitions, limit // 2)
        else:
            writer = rdd_steps_pairs.CombineWriter(how, partitioner.partitionFunc, partitioner.numPartitions, limit * 9 // 10)
        source = self._then(rdd_steps.Same(), True)
        source._place = place
        return source._shuffle(writer, partitioner, place)
