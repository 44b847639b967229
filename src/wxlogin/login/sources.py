"""Where a request comes from, as limits count it: by what one customer of a carrier is given.

Whoever has one address of an IPv6 /64 has all of them, so they count as one; whoever rents
machines gets them side by side, so neighbours count together as well (security.md C07).
"""

from ipaddress import IPv6Address, ip_address, ip_network

NOWHERE = "nowhere"


def source_of(address: str | None) -> str:
    """The IPv4 address, or the IPv6 /64. What is no address stands for itself."""
    return _within(address, v4=32, v6=64)


def network_of(address: str | None) -> str:
    """The IPv4 /24, or the IPv6 /48, which a site is given."""
    return _within(address, v4=24, v6=48)


def _within(address: str | None, *, v4: int, v6: int) -> str:
    if address is None:
        return NOWHERE
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is None:
            bare = IPv6Address(int(found))  # without a zone, which no network takes
            return str(ip_network((bare, v6), strict=False))
        found = mapped
    return str(ip_network((found, v4), strict=False))
