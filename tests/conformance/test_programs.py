"""Random programs (programs.py): what they give, batch by batch, over stops and starts, is what PySpark gave.

`python tests/conformance/record_programs.py` records several at once.
"""

import pytest

from programs import outcome

COUNT = 500
SETTINGS = ["spark.sql.streaming.multipleWatermarkPolicy", "spark.sql.streaming.noDataMicroBatches.enabled"]


@pytest.mark.parametrize("seed", range(COUNT))
def test_program(check, spark, F, conf, tmp_path, seed):
    for key in SETTINGS:  # which the program sets
        conf(key, spark.conf.get(key))
    tell(check, *outcome(seed, spark, F, tmp_path))


def tell(check, batches, failure):
    check(batches)
    if failure is not None:
        check.error(lambda: (_ for _ in ()).throw(failure))
