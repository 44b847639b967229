"""The route table: the one source of routing, of validation and of the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

import msgspec

from wxlogin.endpoints import messages, operations, push
from wxlogin.endpoints.public import (
    account,
    identities,
    leaving,
    login,
    password,
    phone,
    profile,
    registration,
    session,
    verification,
)
from wxlogin.endpoints.route import Route
from wxlogin.endpoints.service import access_tokens, introspection, open_data
from wxlogin.endpoints.service import accounts as service_accounts
from wxlogin.endpoints.service import sessions as service_sessions

SERVICE = (introspection, service_accounts, service_sessions, open_data, access_tokens)

AREAS = (
    login,
    verification,
    registration,
    session,
    account,
    password,
    phone,
    profile,
    identities,
    leaving,
    *SERVICE,
    push,
    operations,
)
"""In the order in which people meet them."""

CHECK = session.CHECK

ROUTES: tuple[Route, ...] = tuple(route for area in AREAS for route in area.ROUTES)

EXAMPLES: Mapping[type, Any] = {
    type(made): msgspec.to_builtins(made)
    for made in (*messages.EXAMPLES, *(made for area in AREAS for made in area.EXAMPLES))
}
"""One of each, as JSON-ready values: made of the types, so they cannot say what these do not."""
