"""The operators' table. Nothing in it is in the public one, and the other way round."""

from wxlogin.endpoints.admin import (
    account_acts,
    accounts,
    applications,
    apps,
    audit,
    leaving,
    operators,
    overview,
    service_keys,
    session,
)
from wxlogin.endpoints.route import Route

ADMIN_AREAS = (
    session,
    overview,
    accounts,
    account_acts,
    leaving,
    applications,
    apps,
    service_keys,
    operators,
    audit,
)
"""In the order of the console's menu."""

ADMIN_ROUTES: tuple[Route, ...] = tuple(route for area in ADMIN_AREAS for route in area.ROUTES)
