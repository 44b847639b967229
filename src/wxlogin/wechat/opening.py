"""From an address to a transport."""

from wxlogin.wechat.transport import WECHAT, OpenTransport


def make_transport(
    base_url: str = WECHAT, *, fast: bool = False, ca_pem: bytes | None = None
) -> OpenTransport:
    """A transport to `base_url`: pyreqwest's if `fast` and installed, else httpx2's.

    `ca_pem` is trusted instead of the system's certificates (httpx2), or beside them
    (pyreqwest). Neither reads proxies or anything else from the environment.
    """
    if fast:
        try:
            from wxlogin.wechat.pyreqwest_transport import PyreqwestTransport
        except ImportError:
            pass
        else:
            return PyreqwestTransport(base_url, ca_pem=ca_pem)
    from wxlogin.wechat.httpx2_transport import Httpx2Transport

    return Httpx2Transport(base_url, ca_pem=ca_pem)
