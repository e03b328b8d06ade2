"""Arrow without pandas until somebody imports pandas. Arrow would import it for the first array made of Python values,
to see whether they are a Series: a quarter of a second, and twenty megabytes in each process. (Where it is to find the
type of the values itself it still does; what makes arrays here names their type.)

Arrow asks once. This lets it ask while there is none to be found; when pandas is imported after all, by whom ever, Arrow
is told. Both go through Arrow's own accessors, so where a version has none, things are as if this were not here.
"""
import sys
import threading

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
    """Finds nothing itself. It sees the import of pandas: refuses it to Arrow's look, and tells Arrow of any other."""

    def __init__(self, shim):
        self._shim = shim
        self.hidden_from = None

    def find_spec(self, name, path=None, target=None):
        if name != "pandas":
            return None
        if self.hidden_from == threading.get_ident():
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
        return self._watched(path, target)

    def _watched(self, path, target):
        specs = (finder.find_spec("pandas", path, target) for finder in list(sys.meta_path)
                 if finder is not self and hasattr(finder, "find_spec"))
        spec = next(filter(None, specs), None)
        loader = spec and spec.loader
        if not hasattr(loader, "exec_module"):
            return spec
        executes = loader.exec_module

        def exec_module(module):
            del loader.exec_module
            executes(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            self._tell()

        loader.exec_module = exec_module
        return spec

    def _tell(self):
        try:
            self._shim.pd
        except ImportError:
            pass  # a pandas that is too old for Arrow: it says so when it is asked for one
