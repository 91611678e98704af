"""The times that a Tryton connection declares, and what follows from them."""

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.posting import Policy
from ledgerline.posting.tryton.adapter import TrytonErp


def erp(**extra):
    return TrytonErp(
        Endpoint(
            conn_id="erp",
            conn_type="http",
            host="127.0.0.1",
            extra={"database": "erp", "company": "Hospital", **extra},
        )
    )


def test_a_connection_without_times_goes_by_the_defaults():
    assert erp().profile == TrytonErp.profile


def test_what_a_connection_declares_bounds_lease_and_quiet_time():
    profile = erp(request_seconds=5, in_flight_seconds=2.5).profile
    policy = Policy.of(profile)
    assert profile.call_seconds == 10
    assert policy.lease_seconds > profile.call_seconds + profile.pause_seconds
    assert policy.quiet_seconds > 5 + 2.5 + profile.pause_seconds
    assert policy.quiet_seconds < Policy.of(TrytonErp.profile).quiet_seconds


@pytest.mark.parametrize("given", [0, -1, 601, "30", None, float("nan")])
@pytest.mark.parametrize("name", ["request_seconds", "in_flight_seconds"])
def test_a_time_that_is_none_is_refused_by_its_name(name, given):
    with pytest.raises(ConfigurationInvalid, match=f"{name} .* number from 1 to 600"):
        erp(**{name: given})
