"""Hashes of passwords: made with argon2id, compared with old formats too, never in the way.

Owns the hashing threads, the formats, and the list of common passwords. It implements the
port `PasswordHasher` of `login/passwords.py`, which owns the rules; it keeps no records.
"""


class PasswordsMissing(ImportError):
    """The libraries of the extra `[passwords]` are not installed."""

    def __init__(self) -> None:
        super().__init__('passwords need an extra: pip install "wxlogin[passwords]"')
