"""PySpark's own docstring examples, run on us; see docstrings.py. What does not pass is in docstrings.json, with its reason."""

import pytest

import docstrings
import sources

FOUND = sources.find()
EXAMPLES = docstrings.keys(FOUND) if FOUND else {}
LACKING = docstrings.load()


@pytest.mark.skipif(FOUND is None, reason="needs the sources of pyspark 4.3.0: python tests/conformance/sources.py build/pyspark-sources")
def test_the_list_names_examples_that_exist():
    assert sorted(k for k in LACKING if k not in EXAMPLES) == []


@pytest.fixture(autouse=True)
def settings_as_before(whole_session):
    """Examples set and unset what the other tests of the session rely on."""
    keys = ["spark.sql.session.timeZone", "spark.sql.shuffle.partitions", "spark.app.name"]
    before = {key: whole_session.conf.get(key) for key in keys}
    yield
    for key in keys:
        whole_session.conf.set(key, before[key])


@pytest.mark.parametrize("key", EXAMPLES)
def test_example(key, impl, whole_session, api, request):
    why = LACKING.get(key)
    if why and why.startswith("pyspark: "):
        pytest.skip(f"fails on PySpark too: {why}")
    if why and why.startswith("random: "):
        pytest.skip(why)
    if impl == "pyspark":
        pytest.skip("PySpark runs its own doctests; docstrings.py pyspark --update says which fail")
    api.root.as_pyspark()
    failure = docstrings.run(impl, whole_session, *EXAMPLES[key])
    if why and failure:
        pytest.xfail(why)
    if why:
        pytest.fail(f"{key} passes now: take its line out of docstrings.json ({why})", pytrace=False)
    assert failure is None, failure
