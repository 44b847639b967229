"""A value that must not be seen: appsecret, session_key, access_token."""

import hmac


class Secret:
    """Holds a text that no repr, log line, format string or pickle will show.

    `reveal()` is the one way to the value, so that a search for it finds every
    place where a secret leaves this wrapping.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")
