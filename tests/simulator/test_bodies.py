"""What is wrong with a body is told by field, in the server's form."""

from typing import Literal

import msgspec
import pytest

from fleet.simulator.bodies import invalid


class Body(msgspec.Struct):
    """A body such as operations take."""

    mode: Literal["DRIFT", "CRUISE"]
    units: int = 1


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        (b'{"mode":"FOO"}', "mode", "Expected one of its known values, received 'FOO'"),
        (b'{"mode":"DRIFT","units":"x"}', "units", "Expected number, received string"),
        (b"{}", "mode", "Required"),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_what_came(
    body: bytes, field: str, said: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as failed:
        msgspec.json.decode(body, type=Body)
    refusal = invalid(str(failed.value), "fields")
    assert refusal.data == {field: [said]}
