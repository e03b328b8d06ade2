"""Makes `import pyspark` mean pyspark_compat: `pyspark.x` is the very module object of `pyspark_compat.x`.

A finder in front of all others answers for `pyspark` and everything below it, for the metadata of the distribution
`pyspark`, and passes the alias on to processes that multiprocessing spawns. An installed PySpark is not touched.
"""
import importlib
import importlib.util
import os
import sys

OURS = "pyspark_compat"
THEIRS = "pyspark"
GATEWAY, OUR_GATEWAY = "py4j", "pyspark_compat._py4j"  # PySpark's way to its JVM: names that programs catch and import
_SPAWNERS = ("multiprocessing.spawn", "multiprocessing.forkserver")


def install():
    """Puts the alias in place for this process and its workers. Doing it twice is doing it once."""
    if installed():
        return
    present = sys.modules.get(THEIRS)
    if present is not None and present.__name__ != OURS:
        raise ImportError(f"PySpark itself is imported already, from {getattr(present, '__file__', '?')}: "
                          "make the alias before the first `import pyspark`.")
    sys.meta_path.insert(0, AliasFinder())
    sys.modules[THEIRS] = importlib.import_module(OURS)
    for name in list(sys.modules):
        if name.startswith(OURS + "."):
            sys.modules.setdefault(THEIRS + name[len(OURS):], sys.modules[name])
    for name in _SPAWNERS:
        if name in sys.modules:
            _pass_on(sys.modules[name])


def installed():
    """Whether `pyspark` means this package here."""
    return any(isinstance(finder, AliasFinder) for finder in sys.meta_path)


class _AliasLoader:
    """Gives the module of ours that a name under `pyspark` stands for."""

    def __init__(self, target):
        self.target = target

    def create_module(self, spec):
        module = importlib.import_module(self.target)
        self.own_spec = module.__spec__
        return module

    def exec_module(self, module):
        module.__spec__ = self.own_spec  # the import system has put the alias's spec there

    def get_code(self, name):  # for runpy: python -m pyspark.x
        spec = importlib.util.find_spec(self.target)
        return spec.loader.get_code(self.target)


class AliasFinder:
    """The finder of `pyspark`, `pyspark.*` and their metadata."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname == THEIRS or fullname.startswith(THEIRS + "."):
            return self._alias_spec(fullname)
        if fullname in _SPAWNERS:
            return self._spawner_spec(fullname)
        if fullname == GATEWAY or fullname.startswith(GATEWAY + "."):
            return self._alias_spec(fullname, GATEWAY, OUR_GATEWAY)
        return None

    def _alias_spec(self, fullname, theirs=THEIRS, own=OURS):
        ours = own + fullname[len(theirs):]
        found = sys.modules.get(ours) or importlib.util.find_spec(ours)
        if found is None:  # never fall through: another finder would load PySpark's own module, or a copy of ours
            raise ModuleNotFoundError(f"No module named {fullname!r} in pyspark-compat", name=fullname)
        spec = importlib.util.spec_from_loader(fullname, _AliasLoader(ours), origin=OURS)
        locations = getattr(found, "__path__", None) or getattr(found, "submodule_search_locations", None)
        if locations is not None:
            spec.submodule_search_locations = list(locations)
        return spec

    def _spawner_spec(self, fullname):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec = finder.find_spec(fullname, importlib.import_module("multiprocessing").__path__)
                if spec is not None:
                    _after_load(spec, _pass_on)
                    return spec
        return None

    def find_distributions(self, context=None):
        name = getattr(context, "name", None)
        if name is not None and name.lower() != THEIRS:
            return []
        from pyspark_compat._metadata import PySparkDistribution

        return [PySparkDistribution()]

    def invalidate_caches(self):
        pass


def _after_load(spec, act):
    """Has `act` called with the module once it is loaded."""
    load = spec.loader.exec_module

    class Loader(type(spec.loader)):
        def exec_module(self, module):
            load(module)
            act(module)

    spec.loader.__class__ = Loader


def _pass_on(module):
    """Has children of multiprocessing's spawn and forkserver start methods install the alias first."""
    if module.__name__ == "multiprocessing.spawn":
        command_line = module.get_command_line

        def get_command_line(**keywords):
            line = command_line(**keywords)
            if "-c" in line:
                at = line.index("-c") + 1
                line[at] = f"{_child_code()}; {line[at]}"
            return line

        module.get_command_line = get_command_line
    else:
        server = module._forkserver
        server._preload_modules = ["pyspark_compat._alias_on"] + list(server._preload_modules)


def _child_code():
    path = [os.path.abspath(p) if p else os.getcwd() for p in sys.path]
    return f"import sys; sys.path[:] = {path!r}; import pyspark_compat._alias_on"
