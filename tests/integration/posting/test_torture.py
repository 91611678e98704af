"""The short form of `make torture`: each profile, processes and PostgreSQL killed."""

import pytest

from ledgerline.posting.port import Identity
from tests.integration.posting.torture import torture

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("identity", list(Identity))
def test_kills_and_faults_lose_and_double_nothing(tmp_path, identity):
    figures, faults = torture(
        tmp_path, identity, 90, kills=3, database_kills=1, fault_rate=0.25
    )
    print(figures, faults)
    assert not any(faults.values()), faults
    assert figures["postings"] == 90
    assert (figures["SIGKILLs"], figures["PostgreSQL kills"]) == (3, 1)
    assert figures["HTTP faults"] >= 15
