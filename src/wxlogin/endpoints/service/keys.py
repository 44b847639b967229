"""The key behind a request of the service plane."""

from wxlogin.endpoints.exchange import Request
from wxlogin.login.ports import ServiceKey


def key_of(request: Request) -> ServiceKey:
    if request.service_key is None:
        raise AssertionError("the route has a `scope`, so the key was found before")
    return request.service_key
