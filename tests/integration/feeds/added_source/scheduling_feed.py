"""The shifts of the scheduling system, page by page."""

from ledgerline.connectors.feeds import HttpFeed, json_rows


def source(endpoint):
    return HttpFeed(
        zone="scheduling",
        name="scheduling_shifts",
        endpoint=endpoint,
        path="/v1/shifts",
        format=json_rows("shift", "shift_id", at="shifts"),
    )
