"""Pickles elements: by pickle, and where that cannot, as for functions and classes of the main program, by cloudpickle."""
import pickle

PROTOCOL = 5


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
