"""Times as the API and HTTP write them."""

from email.utils import formatdate

from hypothesis import given
from hypothesis import strategies as st

from fleet.protocol.clock import from_iso, to_iso
from fleet.simulator.clock import instant
from fleet.simulator.stamps import Stamps

TIMES = st.integers(0, 4_000_000_000_000).map(lambda thousandths: instant(thousandths / 1000))


@given(st.lists(TIMES, min_size=1, max_size=5))
def test_stamps_say_what_the_protocol_says_in_whatever_order(times):
    stamps = Stamps()
    for time in times:
        assert from_iso(stamps.iso(time)) == time
        assert stamps.http(time) == formatdate(int(time), usegmt=True)


def test_stamps_look_like_those_of_the_api():
    assert Stamps().iso(1_783_170_000.123) == to_iso(1_783_170_000.123)
    assert Stamps().iso(0.0) == "1970-01-01T00:00:00.000Z"
