"""The page's roles under Airflow's account manager (FAB).

`python -m ledgerline.orchestration.health_page.fab_roles` makes them, with the
permissions on the custom view RESOURCE: FAB's own commands give no permission on what
nobody has made. Run again, it adds what is missing and takes nothing away. Under
another auth manager it does nothing.
"""

from __future__ import annotations

from airflow.configuration import conf

from ledgerline.orchestration.health_page.access import RESOURCE, Right

ROLES = {
    "Ledgerline viewer": (Right.LOOK,),
    "Ledgerline operator": (Right.LOOK, Right.ASK),
    "Ledgerline approver": tuple(Right),
}
"""What each role may on the page. Beside it people have one of Airflow's own roles: all
that these add in Airflow is the list of plugins, from which its UI takes the page."""


def make_roles() -> None:
    """Make the roles; Airflow's Admin has every permission, and so these too."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import (
        get_application_builder,
    )
    from airflow.providers.fab.www.security.permissions import RESOURCE_PLUGIN
    from airflow.providers.fab.www.utils import get_fab_action_from_method_map

    actions = get_fab_action_from_method_map()
    with get_application_builder() as builder:
        accounts = builder.sm
        for name, may in ROLES.items():
            role = accounts.add_role(name)
            given = {(right, RESOURCE) for right in may}
            given.add((Right.LOOK, RESOURCE_PLUGIN))
            for right, resource in sorted(given):
                permission = accounts.create_permission(actions[right], resource)
                accounts.add_permission_to_role(role, permission)
        accounts.sync_roles()


if __name__ == "__main__" and "FabAuthManager" in conf.get("core", "auth_manager"):
    make_roles()
