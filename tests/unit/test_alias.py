"""`import pyspark` means pyspark_compat: in scripts, modules, commands, children and after as_pyspark()."""

import subprocess
import sys
import textwrap

import pytest

CHECKS = """
    import importlib.metadata, pickle, sys
    import pyspark, pyspark.sql.functions as F2, pyspark.errors.exceptions.captured
    from pyspark.sql import functions as F, types as T
    import pyspark_compat, pyspark_compat.sql.functions as G
    assert pyspark is pyspark_compat and F is F2 is G and sys.modules["pyspark.sql"] is sys.modules["pyspark_compat.sql"]
    assert F.__name__ == F.__spec__.name == "pyspark_compat.sql.functions"
    assert pyspark.__version__ == importlib.metadata.version("pyspark") == "4.3.0"
    assert pickle.loads(b"cpyspark.sql.types\\nIntegerType\\n.") is T.IntegerType
    for name in ("pyspark.ml", "pyspark.nope", "pyspark.sql.nope"):
        try:
            __import__(name)
        except ModuleNotFoundError as e:
            assert e.name == name
        else:
            raise AssertionError(name)
"""


def run(*args, cwd, **kwargs):
    return subprocess.run([sys.executable, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=120, **kwargs)


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text))
    return path


def passed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_script(tmp_path):
    write(tmp_path, "here/beside.py", "from pyspark.sql import functions as F\nname = F.__name__\n")
    write(tmp_path, "here/job.py", CHECKS + """
    import beside
    assert __name__ == "__main__" and __spec__ is None and __file__.endswith("/here/job.py")
    assert sys.modules["__main__"].beside is beside
    print(sys.argv[0], *sys.argv[1:], sys.path[0])
    """)
    out = passed(run("-m", "pyspark_compat", "here/job.py", "-m", "x", cwd=tmp_path))
    assert out == ["here/job.py", "-m", "x", str((tmp_path / "here").resolve())]


def test_module_and_command(tmp_path):
    write(tmp_path, "tool/__init__.py", "")
    write(tmp_path, "tool/__main__.py", CHECKS + "    print(__package__, *sys.argv[1:])\n")
    assert passed(run("-m", "pyspark_compat", "-m", "tool", "a", cwd=tmp_path)) == ["tool", "a"]
    command = "import pyspark, sys; print(pyspark.__name__, sys.argv)"
    assert passed(run("-m", "pyspark_compat", "-c", command, cwd=tmp_path))[0] == "pyspark_compat"


def test_failures_look_like_pythons(tmp_path):
    write(tmp_path, "bad.py", "import pyspark\n\ndef f():\n    1 / 0\n\nf()\n")
    done = run("-m", "pyspark_compat", "bad.py", cwd=tmp_path)
    assert done.returncode == 1
    assert [line.strip() for line in done.stderr.splitlines() if "File" in line] == [
        f'File "{tmp_path}/bad.py", line 6, in <module>', f'File "{tmp_path}/bad.py", line 4, in f']
    assert run("-m", "pyspark_compat", "-c", "raise SystemExit(7)", cwd=tmp_path).returncode == 7
    missing = run("-m", "pyspark_compat", "nope.py", cwd=tmp_path)
    assert missing.returncode == 2 and "can't open file" in missing.stderr
    assert run("-m", "pyspark_compat", cwd=tmp_path).returncode == 2


def test_as_pyspark(tmp_path):
    write(tmp_path, "note.py", "import pyspark_compat\npyspark_compat.as_pyspark()\npyspark_compat.as_pyspark()\n" + textwrap.dedent(CHECKS))
    passed(run("note.py", cwd=tmp_path))


def test_real_pyspark_first(tmp_path):
    write(tmp_path, "pyspark/__init__.py", "")
    write(tmp_path, "late.py", """
    import pyspark, pyspark_compat
    try:
        pyspark_compat.as_pyspark()
    except ImportError as e:
        print("refused" if "imported already" in str(e) else e)
    """)
    assert passed(run("late.py", cwd=tmp_path)) == ["refused"]


def test_installed_pyspark_is_not_touched(tmp_path):
    write(tmp_path, "pyspark/__init__.py", "raise AssertionError('the installed one was imported')")
    write(tmp_path, "pyspark/ml.py", "raise AssertionError('the installed one was imported')")
    write(tmp_path, "job.py", CHECKS)
    passed(run("-m", "pyspark_compat", "job.py", cwd=tmp_path))


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_multiprocessing(tmp_path, method):
    write(tmp_path, "pool.py", f"""
    import multiprocessing, sys
    import pyspark

    def job(x):
        import pyspark.sql.types
        return pyspark.__name__, pyspark.sql.types is sys.modules["pyspark_compat.sql.types"], x

    if __name__ == "__main__":
        with multiprocessing.get_context("{method}").Pool(1) as pool:
            print(*pool.map(job, [5])[0])
    """)
    assert passed(run("-m", "pyspark_compat", "pool.py", cwd=tmp_path)) == ["pyspark_compat", "True", "5"]


def test_findspark(tmp_path):
    pytest.importorskip("findspark")
    code = "import findspark; findspark.init(); import pyspark; print(pyspark.__name__)"
    assert passed(run("-m", "pyspark_compat", "-c", code, cwd=tmp_path)) == ["pyspark_compat"]


def test_importing_is_cheap():
    heavy = ["pyarrow", "pandas", "numpy", "grpc", "google.protobuf", "cloudpickle", "json", "enum"]
    code = (f"import sys; before = set(sys.modules); import pyspark_compat\n"
            f"print([m for m in {heavy!r} if m in set(sys.modules) - before])")
    assert run("-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; " + code, cwd="/").stdout.strip() == "[]"


def test_absent_names_raise_when_used():
    import pyspark_compat
    from pyspark_compat._lazy import absent

    made = absent("Thing", "pyspark_compat.core.thing")
    assert not isinstance(1, made)
    for use in (lambda: made(1), lambda: made.get()):
        with pytest.raises(NotImplementedError, match="Thing"):
            use()
    with pytest.raises(AttributeError):
        pyspark_compat.nope
