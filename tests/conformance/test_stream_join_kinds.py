"""Joins of two streams: each kind with each form of condition, batch by batch, with what state says."""

import pytest

from test_stream_joins import KINDS, RANGE, TEXTS, feeds, outcome, ran, sides, windows  # noqa: F401

FORMS = {
    "range": (sides, RANGE),
    "range in right terms": (sides, "lk = rk AND lts BETWEEN rts - INTERVAL 5 SECONDS AND rts + INTERVAL 2 SECONDS"),
    "seconds": (sides, "lk = rk AND cast(rts AS long) - cast(lts AS long) >= 0 AND cast(rts AS double) < cast(lts AS double) + 5.5"),
    "time": (sides, "lk = rk AND lts = rts"),
    "window": (windows, "lk = rk AND lw = rw"),
    "further": (sides, RANGE + " AND lv < rv AND lv > 1 AND rv > 2"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form,way", [(f, "steps") for f in FORMS] + [("range", "available"), ("window", "available")])
def test_kinds(check, feeds, F, form, kind, way):
    make, on = FORMS[form]
    left, right = make(feeds, F)
    check(outcome(ran(way, left.join(right, F.expr(on), kind), feeds, TEXTS)))
