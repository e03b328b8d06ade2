"""Whether pandas, pyarrow and NumPy are there in a version that works."""
from pyspark_compat.errors import PySparkImportError

_LEAST = {"pandas": "2.2.0", "pyarrow": "18.0.0", "numpy": "1.22"}


def _require(package):
    import importlib

    try:
        found = importlib.import_module(package).__version__
    except ImportError:
        raise PySparkImportError(errorClass="PACKAGE_NOT_INSTALLED", messageParameters={
            "package_name": package, "minimum_version": _LEAST[package]}) from None
    if _numbers(found) < _numbers(_LEAST[package]):
        raise PySparkImportError(errorClass="UNSUPPORTED_PACKAGE_VERSION", messageParameters={
            "package_name": package, "minimum_version": _LEAST[package], "current_version": found})


def _numbers(version):
    return [int(part) for part in version.split(".")[:3] if part.isdigit()]


def require_minimum_pandas_version():
    """Raises PySparkImportError unless pandas is there in a version that works."""
    _require("pandas")


def require_minimum_pyarrow_version():
    """Raises PySparkImportError unless pyarrow is there in a version that works."""
    _require("pyarrow")


def require_minimum_numpy_version():
    """Raises PySparkImportError unless NumPy is there in a version that works."""
    _require("numpy")
