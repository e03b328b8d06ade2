"""Observation: the metrics of DataFrame.observe, once the frame, or one made of it, has run."""
import base64
import uuid

from pyspark_compat.errors import PySparkAssertionError, PySparkValueError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.errors.exceptions.captured import IllegalArgumentException
from pyspark_compat_worker.errors import wrong_type

__all__ = ["Observation"]

_SLICE_MS = 50


class Observation:
    """Names the metrics that DataFrame.observe collects. Those of the first action that ends well are kept."""

    def __init__(self, name=None):
        if name is not None and not isinstance(name, str):
            raise wrong_type("str", "name", name)
        if name == "":
            raise PySparkValueError(
                errorClass="VALUE_NOT_NON_EMPTY_STR", messageParameters={"arg_name": "name", "arg_value": name})
        self._name = name
        self._frame = self._metrics = None

    def _on(self, df, *exprs):
        """The frame observed under this name. Raises REUSE_OBSERVATION where there is one already."""
        if self._frame is not None:
            raise PySparkAssertionError(errorClass="REUSE_OBSERVATION", messageParameters={})
        if df.isStreaming:
            raise IllegalArgumentException(
                desc="An Observation cannot be had of a stream: observe it by name and read its query's progress.")
        if self._name is None:
            self._name = str(uuid.uuid4())
        self._frame = df._observed(self._name, exprs)
        return self._frame

    @property
    @user_facing
    def get(self):
        """The metrics as a dict; waits for the first action. Raises NO_OBSERVE_BEFORE_GET before DataFrame.observe."""
        if self._frame is None:
            raise PySparkAssertionError(errorClass="NO_OBSERVE_BEFORE_GET", messageParameters={})
        engine = self._frame.sparkSession._engine
        while self._metrics is None:
            answer = engine.query("observed", handle=self._frame._id, waitMs=_SLICE_MS)
            if answer["done"]:
                self._metrics = metrics_row(answer)
        return self._metrics.asDict(recursive=False)


def metrics_row(described):
    """The Row of metrics that the engine describes: a schema, and an Arrow stream of one row."""
    import pyarrow as pa

    from pyspark_compat_worker.convert import to_rows
    from pyspark_compat_worker.types_nested import StructType

    table = pa.ipc.open_stream(base64.b64decode(described["row"])).read_all()
    return next(iter(to_rows(table, StructType.fromJson(described["schema"]))))
