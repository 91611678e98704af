"""Large, slow, many: what one sender does costs the others nothing."""

import hashlib
import threading
import time

import pytest

from tests.conftest import free_port
from tests.integration.mllp.service import (
    Sender,
    Service,
    framed,
    inbox,
    message,
    rows,
)

pytestmark = pytest.mark.integration
MB = 1024 * 1024
CAP = 16 * MB
MEMORY_LIMIT_MB = 400


def large(control_id, size):
    head = message(control_id) + b"OBX|1|TX|||"
    return head + b"x" * (size - len(head))


def test_a_large_message_up_to_the_limit_is_accepted(service, sender):
    content = large("atcap", CAP)
    assert sender.ask(content).code == "AA"
    query = "select sha256(bytes) from raw_ehr.inbox where control_id = 'atcap'"
    assert rows(service.dsn, query) == [(hashlib.sha256(content).digest(),)]


def test_a_message_of_200_mb_is_rejected_and_the_connection_stays_usable(
    service, sender
):
    sender.plug.sendall(b"\x0b" + message("huge") + b"OBX|1|TX|||")
    for _ in range(200):
        sender.plug.sendall(b"x" * MB)
    sender.plug.sendall(b"\r\x1c\r")
    answer = sender.answer()
    assert (answer.code, answer.control_id) == ("AR", "huge")
    assert answer.error[1] == "RESOURCE_LIMIT"
    assert sender.ask(message("afterhuge")).code == "AA"
    kept = rows(
        service.dsn,
        "select octet_length(bytes), control_id from raw_ehr.inbox "
        "where octet_length(bytes) > %s",
        CAP,
    )
    assert kept == [(CAP + 1, "")]
    print(f"most memory ever held: {service.peak_memory():.0f} MB")
    assert service.peak_memory() < MEMORY_LIMIT_MB


def test_many_large_messages_at_once_are_taken_a_few_at_a_time(service):
    senders = [Sender(service.port, timeout=120) for _ in range(24)]
    contents = [large(f"large{number}", 6 * MB) for number in range(len(senders))]
    codes = []

    def ask(sender, content):
        codes.append(sender.ask(content).code)

    threads = [
        threading.Thread(target=ask, args=pair)
        for pair in zip(senders, contents, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for sender in senders:
        sender.close()
    assert codes == ["AA"] * len(senders)
    print(f"most memory ever held: {service.peak_memory():.0f} MB")
    assert service.peak_memory() < MEMORY_LIMIT_MB


def test_a_hundred_connections_are_served_side_by_side(service):
    senders = [Sender(service.port) for _ in range(100)]
    for turn in range(5):
        for number, sender in enumerate(senders):
            sender.send(message(f"hundred{turn}x{number}"))
        answers = [sender.answer() for sender in senders]
        assert {answer.code for answer in answers} == {"AA"}
        names = [f"hundred{turn}x{number}" for number in range(100)]
        assert [answer.control_id for answer in answers] == names
    for sender in senders:
        sender.close()
    assert len(inbox(service.dsn, "hundred")) == 500


@pytest.fixture(scope="module")
def strict(tmp_path_factory, warehouse_dsn):
    """A listener with little patience and few places."""
    running = Service(
        tmp_path_factory.mktemp("strict"),
        warehouse_dsn,
        free_port(),
        LEDGERLINE_MLLP_RECEIVE_SECONDS="2",
        LEDGERLINE_MLLP_IDLE_SECONDS="4",
        LEDGERLINE_MLLP_CONNECTIONS="5",
    )
    running.start()
    yield running
    running.stop()


def seconds_until_hung_up(sender):
    start = time.monotonic()
    with pytest.raises(ConnectionError):
        sender.answer()
    return time.monotonic() - start


def trickle(loris, quick):
    for number, byte in enumerate(framed(message("loris"))):
        loris.plug.sendall(bytes([byte]))
        assert quick.ask(message(f"beside{number}")).code == "AA"
        time.sleep(0.1)


def test_a_sender_that_trickles_is_cut_off_and_the_others_are_served(strict):
    with Sender(strict.port) as loris, Sender(strict.port) as quick:
        start = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011
            trickle(loris, quick)
        assert 2 <= time.monotonic() - start < 15
    assert inbox(strict.dsn, "loris") == []


def test_a_silent_connection_is_closed(strict):
    with Sender(strict.port) as silent:
        assert 3 < seconds_until_hung_up(silent) < 15


def test_who_comes_when_every_place_is_taken_is_turned_away(strict):
    taken = [Sender(strict.port) for _ in range(5)]
    assert [part.ask(message("place")).code for part in taken] == ["AA"] * 5
    with Sender(strict.port) as late:
        assert seconds_until_hung_up(late) < 5
    for part in taken:
        part.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with Sender(strict.port) as again:
            try:
                assert again.ask(message("place")).code == "AA"
            except ConnectionError:
                continue
            break
    else:
        raise AssertionError
