"""A session over an engine of a few lines, for tests of the Python side alone."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


@pytest.fixture
def fake(monkeypatch):
    from fake_native import Fake

    return Fake().install(monkeypatch)


@pytest.fixture
def spark(fake):
    from pyspark_compat.sql import SparkSession

    session = SparkSession.builder.master("local[2]").appName("unit").getOrCreate()
    yield session
    session.stop()
