"""The exceptions as PySpark's errors.exceptions.base names them: the very classes of the worker package."""
from pyspark_compat.errors import *  # noqa: F401,F403
from pyspark_compat.errors import __all__  # noqa: F401


def recover_python_exception(e):
    """The exception as it is: our errors carry the user's traceback in their text already."""
    return e
