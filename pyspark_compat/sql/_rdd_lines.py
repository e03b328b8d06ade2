"""Readers of JSON and CSV over an RDD of strings.

The RDD runs once, when it is read: its lines go to a file, which the reader reads as any other. What is not large is
read into memory at once and its file removed, so that a stream which does this in every batch leaves nothing behind;
what is larger lies in the application's folder until the context stops.
"""
import itertools
import os
import shutil
import tempfile

from pyspark_compat.errors import PySparkException
from pyspark_compat_worker.rdd_lines import ToLines, line_of

_IN_MEMORY = 64 << 20  # bytes of text


def frame_of(reader, source, rdd):
    """The frame that a reader makes of an RDD's elements, each of them one record."""
    folder = tempfile.mkdtemp(prefix="lines-", dir=rdd.ctx._local_dir)
    kept = False
    try:
        path = _write(rdd, folder, source == "csv" and _has_header(reader))
        frame = reader._frame([path], source)
        if source == "json" and frame.columns == [_corrupt_record(reader)]:
            frame = reader._spark.read.text(path).toDF(*frame.columns)  # files refuse this, RDDs do not
        kept = os.path.getsize(path) > _IN_MEMORY
        return frame if kept else reader._spark.createDataFrame(frame.toArrow(), frame.schema)
    except PySparkException as error:
        raise _of_the_record(error) from None
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _of_the_record(error):
    """What is wrong with a record, without the file, of which the program knows nothing."""
    cause = getattr(error, "_cause", None)
    return error if cause is None or error.getCondition() != "FAILED_READ_FILE.NO_HINT" else cause


def _has_header(reader):
    return str(reader._options().get("header", "")).lower() == "true"


def _corrupt_record(reader):
    return reader._options().get("columnNameOfCorruptRecord") or reader._spark.conf.get("spark.sql.columnNameOfCorruptRecord")


def _write(rdd, folder, has_header):
    """Writes the RDD's lines, in its order, into one file, and gives its path."""
    header = None
    if has_header:
        header = next((line for line in map(line_of, rdd.toLocalIterator()) if line.strip()), None)
    jobs = rdd.ctx._jobs
    jobs.collect(rdd._node, ToLines(folder, header), range(rdd.getNumPartitions()))
    path = os.path.join(folder, "lines")
    with open(path, "wb") as whole:
        if header is not None:
            whole.write(header.encode("utf-8", "surrogatepass") + b"\n")
        for part in itertools.takewhile(os.path.exists, (os.path.join(folder, str(i)) for i in itertools.count())):
            with open(part, "rb") as file:
                shutil.copyfileobj(file, whole)
            os.unlink(part)
    return path
