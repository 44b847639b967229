"""One spelling for each phone number, so that a limit or a unique key cannot be walked around.

Whoever compares, counts or stores a number does so on what `normal_phone` made of it
(security.md C10). ASCII digits alone are digits: the look-alikes of other scripts are
refused, not folded, for the next library in line may fold them otherwise (CVE-2019-19844).
"""

import re
from collections.abc import Sequence

from wxlogin.login.accounts import Phone
from wxlogin.login.errors import PhoneNumberInvalid

LONGEST_SPELLING = 40
"""Characters: fifteen digits, and room for how people write them."""

CHINA = "86"

_SEPARATORS = str.maketrans("", "", " -()")
_NUMBER = re.compile(r"(\+|00)?([0-9]{7,15})")
_CHINESE_MOBILE = re.compile(r"1[3-9][0-9]{9}")

# ITU-T E.164 D, assigned to countries and areas. Left out: +800, +808, +870, +878, +881 to
# +883, +888 and +979, behind which no person is, and calls are dear.
_CALLING_CODES = frozenset(
    str(code)
    for codes in (
        (1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, *range(43, 50), *range(51, 59)),
        (*range(60, 67), 81, 82, 84, 86, *range(90, 96), 98),
        (211, 212, 213, 216, 218, *range(220, 259), *range(260, 270), 290, 291, 297, 298, 299),
        (*range(350, 360), *range(370, 379), *range(380, 384), 385, 386, 387, 389, 420, 421, 423),
        (*range(500, 510), *range(590, 600), 670, *range(672, 684), *range(685, 693)),
        (850, 852, 853, 855, 856, 880, 886, *range(960, 969), *range(970, 978)),
        (992, 993, 994, 995, 996, 998),
    )
    for code in codes
)

# Elsewhere a leading zero is the trunk prefix, dialled within the country and no part of the
# number: with it, one number would have two spellings.
_WITH_LEADING_ZERO = frozenset({"39", "225", "229", "241", "242", "378"})


def normal_phone(text: str) -> Phone:
    """The number that `text` spells, unproven: +86 where no country is named.

    Accepted are `+` or `00` before the country, and blanks, hyphens and parentheses. Chinese
    numbers are mobiles (`1[3-9]` and nine digits); of others the calling code and the length
    must be plausible (E.164: 7 to 15 digits in all). Raises `PhoneNumberInvalid`.
    """
    found = None
    if len(text) <= LONGEST_SPELLING:
        found = _NUMBER.fullmatch(text.translate(_SEPARATORS))
    if found is None:
        raise PhoneNumberInvalid
    prefix, digits = found.groups()
    if prefix is None:
        digits = CHINA + digits
    country = find_calling_code(digits)
    if country is None:
        raise PhoneNumberInvalid
    phone = Phone(country, digits[len(country) :])
    if not _is_plausible(phone):
        raise PhoneNumberInvalid
    return phone


def find_calling_code(digits: str) -> str | None:
    """The calling code that `digits` begin with: none of them begins another one."""
    for length in (1, 2, 3):
        if digits[:length] in _CALLING_CODES:
            return digits[:length]
    return None


def is_calling_code(text: str) -> bool:
    """Whether `text`, without plus, is the calling code of a country or an area."""
    return text in _CALLING_CODES


def is_allowed(phone: Phone, countries: Sequence[str]) -> bool:
    """Whether messages may go to `phone`: `countries` are calling codes (security.md C08)."""
    return phone.country_code in countries


def _is_plausible(phone: Phone) -> bool:
    if phone.country_code == CHINA:
        return _CHINESE_MOBILE.fullmatch(phone.national) is not None
    if phone.national.startswith("0"):
        return phone.country_code in _WITH_LEADING_ZERO
    return len(phone.national) >= 4
