"""Failures of the user's functions: kept as they are while the engine knows them by number."""
import itertools
import traceback

from pyspark_compat.errors.exceptions import from_engine
from pyspark_compat_worker import captured

KEPT = 100


class Failures:
    """The newest failures of a context, by number."""

    def __init__(self):
        self.known = {}
        self.numbers = itertools.count(1)

    def add(self, error, place):
        """Takes a failure; gives the engine's form of it."""
        number = next(self.numbers)
        text = described(error, place)
        self.known[number] = (error, text)
        self.known.pop(number - KEPT, None)
        return {"id": number, "text": text}

    def throw(self, described):
        """Raises what a waiting call shall raise for a failure, in the engine's form."""
        if described["id"] == 0:
            raise from_engine(described["failure"])
        error, text = self.known.get(described["id"], (None, described["text"]))
        raise raised(text) from None


def described(error, place):
    """The text of a failure: where, and the user's part of the traceback."""
    from pyspark_compat.sql.streaming._lanes import users_traceback

    try:
        text = users_traceback(error)
    except BaseException:  # an exception that cannot tell itself
        text = "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}: <exception str() failed>\n"
    return f"An exception was raised by Python {place}:\n{text}"


def raised(text):
    """PySpark's exception for a failure of Python code inside a batch."""
    return captured.Py4JJavaError._java("org.apache.spark.SparkException", text)


# a program catches it as PySpark's class, with or without a SparkSession, or as Py4JJavaError
IllegalArgumentException = captured._WITH_SESSION["IllegalArgumentException"]


def converted(error):
    """An error of the engine as the class that PySpark's becomes."""
    name, _, text = str(error).partition(": ")
    kind = captured._WITH_SESSION.get(name.removeprefix("java.lang."))
    if kind is None:
        return error
    made = kind(desc=text)
    made._java_class = name
    return made
