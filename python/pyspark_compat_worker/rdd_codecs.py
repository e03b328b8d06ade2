"""Codecs of text files by the names of Hadoop's classes, as far as Python has them."""
import bz2
import gzip
import zlib

_PREFIX = "org.apache.hadoop.io.compress."


class _Deflated:
    """A file in zlib's form."""

    def __init__(self, path):
        self._file, self._compress = open(path, "wb"), zlib.compressobj()

    def write(self, body):
        self._file.write(self._compress.compress(body))

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            self._file.write(self._compress.flush())
        self._file.close()


_CODECS = {
    "": ("", lambda path: open(path, "wb")),
    "GzipCodec": (".gz", lambda path: gzip.open(path, "wb", compresslevel=6)),
    "BZip2Codec": (".bz2", lambda path: bz2.open(path, "wb")),
    "DefaultCodec": (".deflate", _Deflated),
    "DeflateCodec": (".deflate", _Deflated),
}


def known(codec):
    """Whether files can be written with a codec."""
    return codec.removeprefix(_PREFIX) in _CODECS


def suffix(codec):
    return _CODECS[codec.removeprefix(_PREFIX)][0]


def opened(path, codec):
    """A new binary file, compressed."""
    return _CODECS[codec.removeprefix(_PREFIX)][1](path)
