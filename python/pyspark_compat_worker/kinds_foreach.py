"""foreach: a user's writer takes row after row and gives nothing."""
from . import convert


def run_kind(run):
    """A function of a row, or an object with process(row) and perhaps open(partition, epoch) and close(error)."""
    writer = run.calls[0]
    rows = _rows(run)
    if callable(writer):
        for row in rows:
            writer(row)
        return
    wanted, error = True, None
    if hasattr(writer, "open"):
        wanted = writer.open(run.partition, run.epoch)
    try:
        if wanted:
            for row in rows:
                writer.process(row)
    except Exception as raised:
        error = raised
    finally:
        if hasattr(writer, "close"):
            writer.close(error)
        if error is not None:
            raise error


def _rows(run):
    for batch in run.batches():
        run.taken()
        yield from convert.to_rows(batch, run.spec.input)
