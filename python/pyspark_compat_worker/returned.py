"""What is wrong with that which a user's function returned."""
from .errors import PySparkRuntimeError, PySparkTypeError


def wrong_type(expected, actual):
    return PySparkTypeError(errorClass="UDF_RETURN_TYPE", messageParameters={"expected": expected, "actual": actual})


def wrong_count(expected, actual):
    return PySparkRuntimeError(errorClass="RESULT_COLUMN_SCHEMA_MISMATCH", messageParameters={
        "expected": str(expected), "actual": str(actual)})


def check_names(given, wanted):
    """Raises where columns by name are not those of the schema."""
    missing, extra = sorted(set(wanted) - set(given)), sorted(map(str, set(given) - set(wanted)))
    if missing or extra:
        raise PySparkRuntimeError(errorClass="RESULT_COLUMN_NAMES_MISMATCH", messageParameters={
            "missing": f" Missing: {', '.join(missing)}." if missing else "",
            "extra": f" Unexpected: {', '.join(extra)}." if extra else ""})
