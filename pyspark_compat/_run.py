"""What `python -m pyspark_compat` does: it runs a script, module or command as Python would, under the alias.

It is a module of its own because __main__ is given to the user's code.
"""
import importlib.machinery
import io
import os
import sys

USAGE = """python -m pyspark_compat script.py args...
python -m pyspark_compat -m module args...
python -m pyspark_compat -c command args...
runs it with `import pyspark` meaning pyspark_compat."""


def main():
    """Never returns: it ends the process with the status that Python would give."""
    sys.exit(_status(sys.argv[1:]))


def _status(given):
    if not given or given[0] in ("-h", "--help"):
        print(USAGE)
        return 0 if given else 2
    from pyspark_compat._alias import install

    install()
    if given[0] in ("-m", "-c") and len(given) < 2:
        print(f"Argument expected for the {given[0]} option", file=sys.stderr)
        return 2
    if given[0] == "-m":
        return _shown(lambda: _run_module(given[1], given[2:]))
    if given[0] == "-c":
        return _shown(lambda: _run_command(given[1], given[2:]))
    return _shown(lambda: _run_script(given[0], given[1:]))


def _main_names(path, loader):
    """The globals of __main__ as Python itself leaves them for a script."""
    names = sys.modules["__main__"].__dict__
    builtins = names["__builtins__"]
    names.clear()
    names.update(__name__="__main__", __doc__=None, __package__=None, __loader__=loader, __spec__=None,
                 __builtins__=builtins, __annotations__={})
    if path is not None:
        names.update(__file__=path, __cached__=None)
    return names


def _run_script(path, args):
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        return _run_container(path, args)
    try:
        with io.open_code(os.path.abspath(path)) as file:
            source = file.read()
    except OSError as e:
        print(f"{sys.executable}: can't open file {os.path.abspath(path)!r}: [Errno {e.errno}] {e.strerror}",
              file=sys.stderr)
        raise SystemExit(2) from None
    sys.argv[:] = [path, *args]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    full = os.path.abspath(path)
    code = compile(source, full, "exec", dont_inherit=True)
    exec(code, _main_names(full, importlib.machinery.SourceFileLoader("__main__", full)))


def _run_container(path, args):
    import runpy

    sys.argv[:] = [path, *args]
    if not sys.flags.safe_path:
        del sys.path[0]
    runpy.run_path(path, run_name="__main__")


def _run_command(command, args):
    sys.argv[:] = ["-c", *args]
    exec(compile(command, "<string>", "exec", dont_inherit=True), _main_names(None, None))


def _run_module(name, args):
    import runpy

    sys.argv[:] = [name, *args]
    # what `python -m` itself calls: it runs in the real __main__, which pickling and multiprocessing look at
    runpy._run_module_as_main(name)


def _shown(run):
    """Runs the user's code; what it raises is shown without the frames of this file and of runpy."""
    try:
        run()
    except SystemExit:
        raise
    except BaseException as e:
        trace = e.__traceback__
        while trace is not None and _ours(trace.tb_frame.f_code.co_filename):
            trace = trace.tb_next
        e.__traceback__ = trace
        sys.excepthook(type(e), e, trace)
        return 130 if isinstance(e, KeyboardInterrupt) else 1
    return 0


def _ours(filename):
    return filename == __file__ or filename == "<frozen runpy>" or os.path.basename(filename) == "runpy.py"
