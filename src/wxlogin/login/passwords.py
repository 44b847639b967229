"""What a password and a username must be; and the port that hashes passwords.

The rules are NIST SP 800-63B-4 §3.1.1.2: long instead of complicated, the whole of it
checked, counted in code points of its NFC form, nothing common, nothing the account
itself gives away. No error here repeats what was typed.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from wxlogin.login import errors

MIN_BESIDE_WECHAT = 8
MIN_ALONE = 15
"""Code points, with and without another proof of the account (http-api §3; security.md §3.5)."""

MAX_PASSWORD = 128
MIN_USERNAME = 2
MAX_USERNAME = 64
"""Code points. No key of a username is longer either, so a column of 64 holds it."""

OWN_CHARACTERS = 3
"""A password with no more than so many beside a piece of a name is that name."""

_LONGEST_DECOMPOSITION = 4
"""Code points one NFC character may have been typed as: a text longer than that many times the
limit is over it, and need not be normalised to know so."""

_BLANKS = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0",
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
"""Letters and marks that show nothing (Unicode: Default_Ignorable_Code_Point; and U+2800)."""


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """`needs_rehash` is said of right passwords alone: hash it anew and keep that."""

    is_right: bool
    needs_rehash: bool


class PasswordHasher(Protocol):
    """Makes and compares hashes. It is given normal forms: `normal_password` comes first.

    Both calls raise `RateLimited` at once where too many wait already, and hash nothing for
    a caller that has given up: hashing is the cheapest denial of service (security.md C11).
    """

    async def hash(self, password: str) -> str:
        """A hash with a salt of its own, and its parameters within it; ASCII, ≤ 255 characters."""
        ...

    async def verify(self, password: str, hashed: str | None) -> PasswordCheck:
        """Whether `password` is the one behind `hashed`.

        `None` stands for nobody, and for an account without a password: never right, and the
        same work as a wrong password, so that time tells nobody who exists (security.md C02).
        A hash it does not understand is the same as none.
        """
        ...


def check_new_password(
    password: str,
    *,
    minimum: int,
    is_common: Callable[[str], bool],
    context: Sequence[str],
    field: str = "password",
) -> str:
    """The normal form of a password that may be set; that is what is to be hashed.

    `minimum` in code points, `MIN_BESIDE_WECHAT` or `MIN_ALONE`. `context` is what others know
    or see of the account: its username, nickname, company, phone number, the app's name.
    Raises `PasswordWeak`; `RequestInvalid` for `field` where it is no text a person can type.
    """
    normal = _nfc_within_limit(password)
    if normal is None:
        raise errors.PasswordWeak("too_long", minimum=minimum)
    _refuse_untypable(normal, field)
    if len(normal) < minimum:
        raise errors.PasswordWeak("too_short", minimum=minimum)
    if is_common(normal):
        raise errors.PasswordWeak("common", minimum=minimum)
    if any(_is_made_of(normal, word) for word in context):
        raise errors.PasswordWeak("contains_name", minimum=minimum)
    return normal


def normal_password(password: str, *, field: str = "password") -> str:
    """The form in which a password is compared: NFC, so that every keyboard types the same.

    Raises `RequestInvalid` for `field`, before anything is hashed, where no password can be it:
    a megabyte costs a glance (security.md C11).
    """
    normal = _nfc_within_limit(password)
    if normal is None:
        raise errors.RequestInvalid((field, "too_long"))
    _refuse_half_pairs(normal, field)
    return normal


def normal_username(username: str) -> str:
    """The key a username is unique under, whatever its case, width or composition.

    Unicode's compatibility caseless form (The Unicode Standard, D146), without blanks around it.
    Raises `RequestInvalid` where no username can be it.
    """
    key = _key(_plain(username))
    if len(key) > MAX_USERNAME:
        raise errors.RequestInvalid(("username", "too_long"))
    return key


def check_new_username(username: str) -> str:
    """The username to keep and show: NFKC, without blanks around it.

    2 to 64 characters, each of which shows; and nothing that reads as a phone number, so that
    nobody logs in by another's. Lookalikes of different scripts are not compared.
    Raises `RequestInvalid`.
    """
    shown = _plain(username)
    if len(shown) < MIN_USERNAME:
        raise errors.RequestInvalid(("username", "too_short"))
    if max(len(shown), len(_key(shown))) > MAX_USERNAME:
        raise errors.RequestInvalid(("username", "too_long"))
    if not all(map(_shows, shown)):
        raise errors.RequestInvalid(("username", "not_printable"))
    if _reads_as_phone(shown):
        raise errors.RequestInvalid(("username", "phone_number"))
    return shown


def _refuse_untypable(password: str, field: str) -> None:
    _refuse_half_pairs(password, field)
    # Some old formats end at a NUL; a line end is what a careless paste brings along.
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in password):
        raise errors.RequestInvalid((field, "control_character"))


def _refuse_half_pairs(password: str, field: str) -> None:
    # Half a surrogate pair is no UTF-8, and the error of encoding it carries the password.
    if any(unicodedata.category(character) == "Cs" for character in password):
        raise errors.RequestInvalid((field, "not_text"))


def _nfc_within_limit(password: str) -> str | None:
    if len(password) > MAX_PASSWORD * _LONGEST_DECOMPOSITION:
        return None
    normal = unicodedata.normalize("NFC", password)
    return normal if len(normal) <= MAX_PASSWORD else None


def _is_made_of(password: str, word: str) -> bool:
    """Whether all but `OWN_CHARACTERS` of `password` is `word`, or a piece of it."""
    password, word = _key(password), _key(word).strip()
    if word and len(password.replace(word, "")) <= OWN_CHARACTERS:
        return True
    piece = len(password) - OWN_CHARACTERS
    return piece > OWN_CHARACTERS and any(
        password[start : start + piece] in word for start in range(OWN_CHARACTERS + 1)
    )


def _plain(username: str) -> str:
    """NFKC, stripped; or `RequestInvalid` for what is far too long, or no database can hold."""
    if len(username) > MAX_USERNAME * _LONGEST_DECOMPOSITION:
        raise errors.RequestInvalid(("username", "too_long"))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in username.strip()):
        raise errors.RequestInvalid(("username", "not_printable"))
    return unicodedata.normalize("NFKC", username).strip()


def _key(text: str) -> str:
    text = unicodedata.normalize("NFD", text).casefold()
    text = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKC", text)


def _shows(character: str) -> bool:
    return character.isprintable() and not character.isspace() and character not in _BLANKS


def _reads_as_phone(text: str) -> bool:
    rest = [c for c in text if c not in "+−()." and unicodedata.category(c) != "Pd"]
    return bool(rest) and all(character.isdecimal() for character in rest)
