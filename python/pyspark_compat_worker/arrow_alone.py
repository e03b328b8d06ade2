"""Arrow without pandas until somebody imports pandas. Arrow would import it for the first array made of Python values,
to see whether they are a Series: a quarter of a second, and twenty megabytes in each process. (Where it is to find the
type of the values itself it still does; what makes arrays here names their type.)

Arrow asks once. This lets it ask while there is none to be found; when pandas is imported after all, by whom ever, Arrow
is told. Both go through Arrow's own accessors, so where a version has none, things are as if this were not here.
"""
import sys
import threading
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa


def leave_pandas():
    """Has Arrow look for pandas now and not find it, unless it has been imported already."""
    shim = getattr(pa.lib, "_pandas_api", None)
    if "pandas" in sys.modules or not hasattr(type(shim), "have_pandas"):
        return
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    finder = _Finder(shim)
    sys.meta_path.insert(0, finder)
    finder.hidden_from = threading.get_ident()
    try:
        shim.have_pandas
    finally:
        finder.hidden_from = None


class _Finder:
    """Finds nothing. It refuses pandas to Arrow's look, and by what pandas imports in its turn it sees any other import of it.

    It stays among the finders, since taking one away has another thread's import, which goes through them, miss one.
    """

    def __init__(self, shim):
        self._shim = shim
        self._told = False
        self._busy = threading.Lock()
        self.hidden_from = None

    def find_spec(self, name, path=None, target=None):
        if name == "pandas" and self.hidden_from == threading.get_ident():
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
        if not self._told:
            self.see(sys.modules.get("pandas"))
        return None

    def see(self, module):
        """Tells Arrow of a pandas that is whole, and of one that is being executed when that is over."""
        inside = object.__getattribute__(module, "__dict__") if isinstance(module, ModuleType) else {}  # loads no lazy one
        spec = inside.get("__spec__")
        if getattr(spec, "_initializing", False):
            if type(spec) is ModuleSpec:
                spec.__class__ = _watching(self)
        elif "api" in inside and self._busy.acquire(blocking=False):  # what a lazy loader has yet to load is not there
            self._tell()

    def _tell(self):
        try:
            self._shim.pd
            self._told = True
        except Exception:
            pass  # a pandas that is too old, or a module of the user's of that name: Arrow stays without
        finally:
            self._busy.release()


def _watching(finder):
    """A class for a module's spec: importlib switches `_initializing` off when it is done, however the loader works."""

    class Watching(ModuleSpec):
        @property
        def _initializing(self):
            return self.__dict__.get("_initializing", False)

        @_initializing.setter
        def _initializing(self, value):
            self.__dict__["_initializing"] = value
            if not value:
                self.__class__ = ModuleSpec
                finder.see(sys.modules.get(self.name))

    Watching.__name__ = Watching.__qualname__ = ModuleSpec.__name__
    return Watching
