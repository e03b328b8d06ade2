"""RDDs as frames and frames as RDDs.

A frame over an RDD runs the RDD's job at each of its actions; elements become Arrow in the workers. An RDD of a frame
runs the frame once, when a job first needs its rows, and keeps them in files for as long as the RDD is there.
"""
import itertools
import os
import pickle
import weakref
from functools import partial

from pyspark_compat import _native
from pyspark_compat.core._folder import remove_file
from pyspark_compat.core._lineage import Node
from pyspark_compat.core._rdd_shape import Shape, by_java
from pyspark_compat.errors import PySparkValueError
from pyspark_compat_worker.errors import wrong_type
from pyspark_compat_worker.rdd_frames import Rows, ToArrow
from pyspark_compat_worker.types_base import DataType
from pyspark_compat_worker.types_infer import _has_nulltype, _infer_schema, _merge_type
from pyspark_compat_worker.types_nested import StructType

_LOOKED_AT = 100  # rows, where the first one leaves types open
_files = itertools.count()


def to_df(rdd, schema, ratio):
    """RDD.toDF."""
    from pyspark_compat.sql.session import SparkSession

    session = SparkSession.getActiveSession() or SparkSession._instantiatedSession
    if session is None or session._sc is not rdd.ctx:
        session = SparkSession(rdd.ctx)
    return session.createDataFrame(rdd, schema, ratio)


# -- a frame over an RDD ---------------------------------------------------------------------------------------

def frame_of(session, rdd, schema, ratio, verify):
    """The frame of an RDD; `schema` is DDL, a type, names or None."""
    from pyspark_compat.sql.dataframe import DataFrame

    if isinstance(schema, str):
        schema = session._parse_ddl(schema)
    elif isinstance(schema, (list, tuple)):
        schema = [x if isinstance(x, str) else x.encode("utf-8").decode() for x in schema]
    if isinstance(schema, StructType):
        struct, task = schema, ToArrow(schema, None, verify)
    elif isinstance(schema, DataType):
        struct = StructType().add("value", schema)
        task = ToArrow(struct, schema, verify)
    elif schema is None or isinstance(schema, list):
        struct = _inferred(session, rdd, ratio, schema)
        task = ToArrow(pickle.loads(pickle.dumps(struct)), None, False)
        for i, name in enumerate(schema or ()):
            struct.fields[i].name = struct.names[i] = name
    else:
        raise wrong_type("list, None or StructType", "schema", schema)
    body, parts = rdd.ctx._jobs.prepare(rdd._node, task, [], raw=True)
    engine = session._engine
    engine.flush()
    made = _native.do(engine.session, "rdd.frame", {**body, "schema": struct.json()}, parts)[0]
    return DataFrame((engine.adopt(made["handle"]), made["schema"], made["streaming"]), session)


def _inferred(session, rdd, ratio, names):
    """The struct of an RDD's elements, found by looking at the first ones, or at a sample."""
    from pyspark_compat.sql._create import _options

    infer = partial(_infer_schema, names=names, **_options(session))
    first = rdd.first()
    if hasattr(first, "__len__") and len(first) == 0:
        raise PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})
    if ratio is not None:
        seen = rdd.sample(False, float(ratio)) if ratio < 0.99 else rdd
        return seen.map(infer).reduce(_merge_type)
    struct = infer(first)
    if _has_nulltype(struct):
        for row in rdd.take(_LOOKED_AT)[1:]:
            struct = _merge_type(struct, infer(row))
            if not _has_nulltype(struct):
                break
        else:
            raise PySparkValueError(errorClass="CANNOT_DETERMINE_TYPE", messageParameters={})
    return struct


# -- an RDD of a frame -----------------------------------------------------------------------------------------

class FrameNode(Node):
    """A node whose partitions are those of a frame. Counting them runs nothing; the rows are fetched once."""

    def __init__(self, context, frame):
        self._frame, self._parts, self._fetched = frame, None, None
        super().__init__(context._new_rdd_id(), None, Rows(frame.schema))
        self.shape = Shape(self.id, "MapPartitionsRDD", by_java("javaToPython"), None, [], self)

    def _split(self):
        if self._parts is None:
            engine = self._frame._session._engine
            engine.flush()
            found = _native.do(engine.session, "frame.parts", {"handle": self._frame._id})[0]
            self._parts = found["count"], [
                (engine.adopt(one["handle"]), one["schema"], one["streaming"]) for one in found["frames"]]
        return self._parts

    def _fetch(self):
        if self._fetched is None:
            count, parts = self._split()
            paths = [_stored(type(self._frame)(part, self._frame._session)) for part in parts]
            for path in paths:
                weakref.finalize(self, remove_file, path, os.getpid())
            if len(paths) < count:  # dealt
                self._fetched = [pickle.dumps((paths[0], part, count)) for part in range(count)]
            else:
                self._fetched = [pickle.dumps((path, 0, 1)) for path in paths]
            self._parts, self._frame = (count, None), None
        return self._fetched

    partitions = property(lambda self: self._split()[0], lambda self, value: None)
    payloads = property(_fetch, lambda self, value: None)


def _stored(frame):
    """Runs a frame and gives the path of an Arrow file with its rows."""
    import pyarrow as pa

    path = os.path.join(frame._sc._local_dir, f"frame-{next(_files)}.arrow")
    writer = None
    with open(path, "xb") as file:
        for batch in frame._batches():
            if writer is None:
                writer = pa.ipc.new_stream(file, batch.schema)
            writer.write(batch)
        if writer is None:
            writer = pa.ipc.new_stream(file, pa.schema([]))
        writer.close()
    return path


def rdd_of(frame):
    """The RDD of a frame's rows."""
    from pyspark_compat.core.rdd import RDD

    frame._refuse_stream()
    context = frame._sc
    return RDD._of(context, FrameNode(context, frame))


def texts_of(rdd, use_unicode):
    """An RDD of strings as it is, or as bytes in UTF-8."""
    return rdd if use_unicode else rdd.map(lambda text: text.encode("utf-8"))
