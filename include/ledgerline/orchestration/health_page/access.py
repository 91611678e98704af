"""Who may look, ask and approve: Airflow's auth manager says so."""

from __future__ import annotations

from enum import StrEnum

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

RESOURCE = "Ledgerline exceptions"


class Right(StrEnum):
    """What a person may do; the value is the method that a custom view asks for."""

    LOOK = "GET"
    ASK = "POST"
    APPROVE = "PUT"


# The simple auth manager lets every role use every custom view, by whatever method.
_SIMPLE_ROLES = {
    "viewer": frozenset({Right.LOOK}),
    "user": frozenset({Right.LOOK}),
    "op": frozenset({Right.LOOK, Right.ASK}),
    "admin": frozenset(Right),
}


def rights(user: BaseUser) -> frozenset[Right]:
    """Return what a signed-in person may do; nothing where nobody said so.

    By role under the simple auth manager; under another one by its permissions on the
    custom view RESOURCE (FAB: can read, can create, can edit).
    """
    if isinstance(user, SimpleAuthManagerUser):
        return _SIMPLE_ROLES.get((user.role or "").lower(), frozenset())
    manager = get_auth_manager()
    return frozenset(
        right
        for right in Right
        if manager.is_authorized_custom_view(
            method=right.value, resource_name=RESOURCE, user=user
        )
    )
