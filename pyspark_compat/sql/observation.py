"""Observation: metrics of a frame while it runs. DataFrame.observe is not implemented."""
from pyspark_compat.errors import PySparkAssertionError, PySparkValueError
from pyspark_compat_worker.errors import wrong_type

__all__ = ["Observation"]


class Observation:
    """Names the metrics that DataFrame.observe collects."""

    def __init__(self, name=None):
        if name is not None and not isinstance(name, str):
            raise wrong_type("str", "name", name)
        if name == "":
            raise PySparkValueError(
                errorClass="VALUE_NOT_NON_EMPTY_STR", messageParameters={"arg_name": "name", "arg_value": name})
        self._name = name

    @property
    def get(self):
        """The metrics. Raises NO_OBSERVE_BEFORE_GET before DataFrame.observe."""
        raise PySparkAssertionError(errorClass="NO_OBSERVE_BEFORE_GET", messageParameters={})
