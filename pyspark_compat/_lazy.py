"""Names that load with their first use, for the package's __init__ modules."""
import importlib


class _Absent(type):
    """The type of classes that PySpark has and we lack: they can be named, and raise when they are used."""

    def __call__(cls, *args, **kwargs):
        raise _refusal(cls.__name__)

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise _refusal(f"{cls.__name__}.{name}")


def _refusal(feature):
    from pyspark_compat_worker.errors import not_implemented

    return not_implemented(feature)


def absent(name, module):
    """A class for a name that PySpark has and we lack."""
    return _Absent(name, (), {"__module__": module, "__doc__": f"{name} is not implemented."})


def getter(package, space, homes, modules):
    """A module's __getattr__: names of `homes` come from their modules, `modules` are imported when asked for."""

    def __getattr__(name):
        if name in homes:
            found = _from_home(f"{package}.{homes[name]}", name)
        elif name in modules:
            found = _module(f"{package}.{name}")
        else:
            found = None
        if found is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        space[name] = found
        return found

    return __getattr__


def _module(name):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name is None or not name.startswith(e.name):
            raise
        return None


def _from_home(home, name):
    module = _module(home)
    return absent(name, home) if module is None else getattr(module, name)
