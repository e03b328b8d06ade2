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
assert not any(type(f).__module__.startswith("pyspark_compat") for f in sys.meta_path)
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
