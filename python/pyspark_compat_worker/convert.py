"""Between Arrow and the values that Python functions see. pandas loads with the first pandas function."""
from pyspark_compat_worker import arrow_read, arrow_write, returned
from pyspark_compat_worker.arrow_types import arrow_schema, arrow_type, spark_name, spark_schema, spark_type  # noqa: F401


def to_values(data_type, zone=None):
    """A function from an Arrow column to Python values; timestamps are in the machine's zone, not the session's."""
    return arrow_read.reader(data_type)


def to_array(data_type, zone=None):
    """A function from Python values to an Arrow array."""
    return arrow_write.writer(data_type)


def to_rows(table, struct):
    """The Rows of a table or record batch."""
    return arrow_read.read_rows(table, struct)


def cast(array, data_type):
    """What an Arrow function returned, in the declared type."""
    import pyarrow as pa

    wanted = arrow_type(data_type)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not isinstance(array, pa.Array):
        raise returned.wrong_type("pyarrow.Array", type(array).__name__)
    return array if array.type == wanted else array.cast(wanted, safe=True)


def to_series(column, data_type, zone, frame_for_struct=True):
    from pyspark_compat_worker import arrow_pandas

    return arrow_pandas.to_series(column, data_type, zone, frame_for_struct)


def from_series(series, data_type, zone, name="_0"):
    from pyspark_compat_worker import arrow_pandas

    return arrow_pandas.from_series(series, data_type, zone, name)


def to_frame(batch, struct, zone):
    from pyspark_compat_worker import arrow_pandas

    return arrow_pandas.to_frame(batch, struct, zone)


def from_frame(frame, struct, zone):
    from pyspark_compat_worker import arrow_pandas

    return arrow_pandas.from_frame(frame, struct, zone)
