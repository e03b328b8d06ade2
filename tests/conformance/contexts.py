"""What the tests of SparkContext share: files by name, and errors of Java by their class."""
import os


def write(folder, name, data):
    """A file below a folder, as a path."""
    path = os.path.join(str(folder), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def refusal(function):
    """What a call raises: its class, and the class of the Java exception that it stands for."""
    try:
        return ["no error", function()]
    except Exception as e:
        is_java = type(e).__name__ == "Py4JJavaError"
        return [type(e).__name__, e.java_exception.getClass().getName() if is_java else None]


def run_refusal(function):
    """The same for an error in a task, whose text PySpark wraps: the class of the error that the driver sees."""
    return refusal(function)[0]
