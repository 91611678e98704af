"""The clocks of a facility: a time in the extract is what they showed."""

import json
import re
from datetime import UTC, datetime

from sandbox.extract.reader import Resource
from sandbox.network.facilities import Facility

_TIME = re.compile(r'(?<=")\d{4}-\d{2}-\d{2}T[0-9:.]+Z(?=")')


def shown(facility: Facility, time: datetime) -> datetime:
    """Return the moment at which the clocks showed a time of the extract."""
    return time.replace(tzinfo=facility.zone)


def instant(moment: datetime) -> str:
    """Return a moment as FHIR writes it, in UTC and whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told(facility: Facility, resource: Resource) -> Resource:
    """Return a resource of the extract with the moments of its times, in UTC."""

    def moment(match: re.Match[str]) -> str:
        time = shown(facility, datetime.fromisoformat(match[0])).astimezone(UTC)
        return time.isoformat().replace("+00:00", "Z")

    found: Resource = json.loads(_TIME.sub(moment, json.dumps(resource)))
    return found
