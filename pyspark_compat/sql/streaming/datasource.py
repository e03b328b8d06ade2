"""How much a Python data source's stream may read in a batch."""
from abc import ABC, abstractmethod
from dataclasses import dataclass


class ReadLimit:
    """The base of the limits."""


@dataclass
class ReadAllAvailable(ReadLimit):
    """Everything that is there."""


@dataclass
class ReadMinRows(ReadLimit):
    """At least so many rows, or none."""

    min_rows: int


@dataclass
class ReadMaxRows(ReadLimit):
    """At most about so many rows."""

    max_rows: int


@dataclass
class ReadMaxFiles(ReadLimit):
    """At most so many files."""

    max_files: int


@dataclass
class ReadMaxBytes(ReadLimit):
    """At most about so many bytes."""

    max_bytes: int


class SupportsTriggerAvailableNow(ABC):
    """A stream that can fix its end when a query with the trigger availableNow starts."""

    @abstractmethod
    def prepareForTriggerAvailableNow(self):
        """Fixes the end."""
