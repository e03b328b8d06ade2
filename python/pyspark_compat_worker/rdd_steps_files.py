"""Steps that hand a partition to a file or to a command."""
import os
import shlex
import subprocess
import threading

from . import rdd_codecs
from .elements import dumps
from .errors import PySparkRuntimeError
from .rdd_steps_layout import batches


class SaveText:
    """Writes a line for each element into part-NNNNN below the folder; gives nothing.

    The file is written under another name and renamed: a part that is there is whole.
    """

    def __init__(self, folder, codec):
        self.folder, self.codec = folder, codec

    def __call__(self, split, flow):
        with Part(self.folder, split, rdd_codecs.suffix(self.codec)) as path:
            with rdd_codecs.opened(path, self.codec) as file:
                file.writelines(map(_line, flow))
        return iter(())


def _line(element):
    if isinstance(element, bytes):
        return element + b"\n"
    return (element if isinstance(element, str) else str(element)).encode("utf-8") + b"\n"


class Part:
    """The name of a partition's file: a temporary one inside the block, the final one after it."""

    def __init__(self, folder, split, suffix=""):
        name = f"part-{split:05d}{suffix}"
        self._final = os.path.join(folder, name)
        self._temporary = os.path.join(folder, f".{name}.{os.getpid()}")

    def __enter__(self):
        return self._temporary

    def __exit__(self, kind, error, trace):
        if error is None:
            os.replace(self._temporary, self._final)
        elif os.path.exists(self._temporary):
            os.remove(self._temporary)


class Pipe:
    """The lines that a command prints when it is given the elements as lines."""

    def __init__(self, command, env, check):
        self.command, self.env, self.check = command, env, check

    def __call__(self, split, flow):
        process = subprocess.Popen(  # noqa: S603
            shlex.split(self.command), env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        failed = []
        writer = threading.Thread(target=_feed, args=(flow, process.stdin, failed), daemon=True)
        writer.start()
        return self._lines(process, writer, failed)

    def _lines(self, process, writer, failed):
        for line in process.stdout:
            yield line.rstrip(b"\n").decode("utf-8")
        code = process.wait()
        writer.join()
        if failed:
            raise failed[0]
        if self.check and code:
            raise PySparkRuntimeError(errorClass="PIPE_FUNCTION_EXITED", messageParameters={
                "func_name": self.command, "error_code": str(code)})


def _feed(flow, stdin, failed):
    """Writes the elements; an error of theirs is raised where the lines are read."""
    try:
        with stdin:
            for element in flow:
                stdin.write(str(element).rstrip("\n").encode("utf-8") + b"\n")
    except BrokenPipeError:
        pass  # the command needs no more
    except BaseException as e:
        failed.append(e)


class SavePickle:
    """Writes the elements into part-NNNNN below the folder as lists of `size` (0: of a moderate size); gives nothing."""

    def __init__(self, folder, size):
        self.folder, self.size = folder, size

    def __call__(self, split, flow):
        from . import pickle_files

        with Part(self.folder, split) as path:
            pickle_files.write(path, (dumps(batch) for batch in batches(flow, self.size)))
        return iter(())
