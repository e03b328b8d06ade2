"""The application's local folder, and what is put there for workers."""
import json
import os
import subprocess
import sys

from pyspark_compat.core import _folder


def test_it_goes_with_its_owner_only(tmp_path):
    made = _folder.make(str(tmp_path))
    assert os.path.basename(made).startswith(f"spark-compat-{os.getpid()}-")
    _folder.remove(made, os.getpid() + 1)
    assert os.path.isdir(made)
    _folder.remove(made, os.getpid())
    assert not os.path.exists(made)


def test_the_next_start_removes_what_a_killed_process_left(tmp_path):
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    left, others = tmp_path / f"spark-compat-{ended.stdout.strip()}-x", tmp_path / "spark-compat-notes"
    living = tmp_path / f"spark-compat-{os.getpid()}-y"
    for folder in (left, others, living):
        folder.mkdir()
        (folder / "file").write_text("")
    _folder.remove(_folder.make(str(tmp_path)))
    assert not left.exists() and others.exists() and living.exists()


def test_workers_take_added_paths(tmp_path, monkeypatch):
    from pyspark_compat_worker import around

    monkeypatch.setenv(around.LOCAL, str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(around, "_seen", None)
    (tmp_path / around.PATHS).write_text(json.dumps(["/added/one.zip", "/added"]))
    around._take_paths()
    around._take_paths()
    assert sys.path[1:3] == ["/added/one.zip", "/added"] and sys.path.count("/added") == 1
