"""Pickles elements: by pickle, and where that cannot, as for functions and classes of the main program, by cloudpickle."""
import pickle

PROTOCOL = 5
_FIRST = 2048  # elements of a first list, at most


def dumps(values):
    """The pickle of a list of elements."""
    try:
        return pickle.dumps(values, PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError):
        pass
    import cloudpickle

    try:
        return cloudpickle.dumps(values, PROTOCOL)
    except pickle.PickleError:
        raise
    except Exception as e:
        raise pickle.PicklingError(f"Could not serialize object: {type(e).__name__}: {e}") from e


def blocks(values, size):
    """Pickles of lists that together are the values, of about `size` bytes each. The first element tells how many to take."""
    if not values:
        return
    start, count = 0, max(min(size // len(dumps(values[:1])), _FIRST), 1)
    while start < len(values):
        block = dumps(values[start:start + count])
        start += count
        count = max(min(int(count * size / len(block)), count * 8), 1)
        yield block
