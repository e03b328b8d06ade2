"""The application's local folder goes with a driver that is killed."""
import os
import subprocess
import sys
import time

SCRIPT = """
import os
from pyspark_compat import SparkContext
context = SparkContext("local[2]")
value = context.broadcast([1])
assert context.parallelize(range(4), 2).map(lambda x: x + value.value[0]).sum() == 10
print(context._local_dir, flush=True)
os.kill(os.getpid(), 9)
"""


def test_killed_driver_leaves_nothing(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == -9, done.stderr
    left, end = done.stdout.strip(), time.monotonic() + 30
    assert os.path.dirname(left) == str(tmp_path)
    while os.path.exists(left):
        assert time.monotonic() < end, os.listdir(left)
        time.sleep(0.02)
