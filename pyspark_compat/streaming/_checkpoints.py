"""What a checkpoint holds of Python: the operations of the graph with the user's functions, pickled when it starts."""
import pickle

from pyspark_compat import _pickling
from pyspark_compat_worker import captured


class Initial:
    """The states that a program gives updateStateByKey: an RDD, in a checkpoint its pairs."""

    def __init__(self, rdd=None, pairs=None):
        self.rdd, self.pairs = rdd, pairs

    def of(self, sc, partitions):
        if self.rdd is None:
            self.rdd = sc.parallelize(self.pairs, partitions)
        return self.rdd

    def pickled(self):
        return Initial(pairs=self.rdd.collect() if self.rdd is not None else self.pairs)


def dumped(graph):
    """The bytes for a graph's checkpoints. Raises for a function that cannot be pickled, naming it."""
    parts = {"operations": graph.operations, "outputs": graph.outputs}
    try:
        return _pickling.dumps(parts)
    except Exception as e:
        raise _refused(graph, e) from None


def _refused(graph, error):
    where = next((name for name, part in _parts(graph) if not _pickling.pickles(part)), "a function of the graph")
    return captured.Py4JJavaError._java("java.io.NotSerializableException", (
        f"A context with a checkpoint folder pickles its functions when it starts, and {where} cannot be pickled: "
        f"{type(error).__name__}: {error}\nMake what it needs inside the function, or let it take what can be pickled."))


def _parts(graph):
    for node, operation in graph.operations.items():
        yield f"the function of node {node} ({operation.kind})", operation
    for number, function in graph.outputs.items():
        yield f"the function of output operation {number} ({graph.sites[number]})", function


def load(graph, data, made):
    """Fills a recovered graph with the operations that its checkpoint held."""
    parts = pickle.loads(data)
    graph.operations, graph.outputs = parts["operations"], parts["outputs"]
    graph.slides = {item["node"]: item["slideMs"] for item in made["nodes"]}
    graph.sites = {item["output"]: item["name"] for item in made["outputs"]}
