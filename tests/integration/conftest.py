"""Whole programs over the whole stack: each test runs scripts in processes of their own, with a deadline."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from script import Script  # noqa: E402


@pytest.fixture
def script(tmp_path):
    """Starts programs: script(body, *args, **settings of Script)."""
    running = []

    def start(body, *args, **settings):
        running.append(Script(tmp_path, body, *args, **settings))
        return running[-1]

    yield start
    for one in running:
        one.close()
