"""Arrow makes arrays of Python values without pandas, and knows pandas from the moment somebody imports it."""
import subprocess
import sys

import pytest

_HERE = """
import sys
from pyspark_compat_worker import arrow_types
import pyarrow as pa
"""


def _run(code):
    done = subprocess.run([sys.executable, "-c", _HERE + code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_typed_arrays_of_values_leave_pandas_alone():
    _run("""
assert pa.array([1, None], pa.int64()).null_count == 1 and pa.array(["a"], pa.string()).to_pylist() == ["a"]
assert pa.array([[1.0, None], []], pa.list_(pa.float64())).to_pylist() == [[1.0, None], []]
assert "pandas" not in sys.modules
""")


@pytest.mark.parametrize("imports", ["import pandas as pd", "import importlib; pd = importlib.import_module('pandas')",
                                     "import threading; t = threading.Thread(target=__import__, args=('pandas',)); t.start();"
                                     " t.join(); pd = sys.modules['pandas']"])
def test_a_later_import_of_pandas_reaches_arrow(imports):
    _run(f"""
pa.array([1], pa.int64())
{imports}
made = pa.array(pd.Series([1.0, float("nan")]))
assert made.null_count == 1, made  # of a Series NaN is null, of a list it is a number
assert pa.array([1.0, float("nan")]).null_count == 0
assert pa.Table.from_pandas(pd.DataFrame({{"x": [1]}})).to_pandas().x.tolist() == [1]
""")


def test_arrow_itself_imports_pandas_when_asked_for_a_frame():
    _run("""
frame = pa.table({"x": [1, 2]}).to_pandas()
import pandas as pd
assert isinstance(frame, pd.DataFrame) and pa.array(pd.Series([None, 1.0])).null_count == 1
""")


def test_pandas_that_was_there_first_stays_known():
    done = subprocess.run([sys.executable, "-c", """
import sys, pandas as pd
from pyspark_compat_worker import arrow_types
import pyarrow as pa
assert pa.array(pd.Series([1.0, float("nan")])).null_count == 1
assert not any(type(f).__module__.startswith("pyspark_compat") for f in sys.meta_path)
"""], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_looking_for_pandas_is_not_importing_it():
    _run("""
import importlib.util
spec = importlib.util.find_spec("pandas")
assert spec is not None and spec.origin and "pandas" not in sys.modules
import pandas as pd
assert pd.__spec__.origin == spec.origin and pa.array(pd.Series([None, 1.0])).null_count == 1
""")


def test_without_pandas_nothing_changes():
    _run("""
class Without:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name="pandas")
sys.meta_path.insert(1, Without())
assert pa.array([1]).to_pylist() == [1]
try:
    pa.table({"x": [1]}).to_pandas()
except ModuleNotFoundError as error:
    assert error.name == "pandas"
else:
    raise AssertionError("made a frame without pandas")
""")


_TOLD = """
import pandas as pd
assert pa.array(pd.Series([1.0, float("nan")])).null_count == 1
"""

_ODD_IMPORTS = {
    "a finder in front that answers for pandas": """
import importlib.machinery
class Front:
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.PathFinder.find_spec(name, path, target) if name == "pandas" else None
sys.meta_path.insert(0, Front())
""" + _TOLD,
    "a loader that takes no attributes": """
import importlib.machinery
class Loader:
    __slots__ = ("real",)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self.real
        self.real.exec_module(module)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            spec = importlib.machinery.PathFinder.find_spec(name, path, target)
            loader = Loader()
            loader.real, spec.loader = spec.loader, loader
            return spec
sys.meta_path.insert(1, Finder())
""" + _TOLD,
    "an import that fails at first": """
import importlib, os, tempfile, traceback
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/pandas.py", "w") as file:
        file.write("import json.tool, nothing_of_that_name")
    sys.path.insert(0, folder)
    try:
        import pandas
    except ImportError:
        assert "arrow_alone" not in traceback.format_exc()
    sys.path.remove(folder)
importlib.invalidate_caches()
""" + _TOLD,
    "a loader that pandas shares with other modules": """
import importlib.util, tempfile, zipfile
with tempfile.TemporaryDirectory() as folder:
    with zipfile.ZipFile(folder + "/z.zip", "w") as file:
        file.writestr("pandas.py", "")
        file.writestr("beside.py", "")
    sys.path.insert(0, folder + "/z.zip")
    assert importlib.util.find_spec("pandas")
    import beside
    assert "pandas" not in sys.modules
    sys.path.remove(folder + "/z.zip")
""" + _TOLD,
    "a lazy loader": """
import importlib.util
spec = importlib.util.find_spec("pandas")
spec.loader = importlib.util.LazyLoader(spec.loader)
lazy = sys.modules["pandas"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lazy)
import json.tool
assert "pandas.core" not in sys.modules
lazy.Series
import tabnanny
""" + _TOLD,
    "many threads": """
import threading
ways = [lambda: __import__("pandas"), lambda: __import__("pyarrow.pandas_compat"), lambda: pa.array([1.0]),
        lambda: pa.table({"x": pa.array([1], pa.int64())}).to_pandas()] * 3
start, failed = threading.Barrier(len(ways)), []
def work(way):
    try:
        start.wait()
        way()
    except BaseException as error:
        failed.append(error)
threads = [threading.Thread(target=work, args=(way,)) for way in ways]
[t.start() for t in threads], [t.join(60) for t in threads]
assert not failed and not any(t.is_alive() for t in threads), failed
""" + _TOLD,
}


@pytest.mark.parametrize("way", _ODD_IMPORTS)
def test_odd_imports_of_pandas_are_left_as_they_are(way):
    _run(_ODD_IMPORTS[way])


@pytest.mark.parametrize("text", ["x = 1", "__version__ = 'mine'", "__version__ = '3.0.0'; api = 1; import json.tool"])
def test_a_module_of_the_users_with_that_name(text):
    _run(f"""
import tempfile
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/pandas.py", "w") as file:
        file.write({text!r})
    sys.path.insert(0, folder)
    import pandas
    import tabnanny
assert pandas.__file__.startswith(folder) and pa.array([1.0]).to_pylist() == [1.0]
""")


def test_no_finder_is_missed_by_an_import_under_way():
    """Other threads go through the finders while pandas is imported: the list keeps its length."""
    _run("""
before = list(sys.meta_path)
import pandas
assert sys.meta_path == before
""")
