"""One number, one spelling: what is accepted is one E.164, the rest is refused (C10)."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login.accounts import Phone
from wxlogin.login.errors import PhoneNumberInvalid
from wxlogin.login.phone_numbers import (
    find_calling_code,
    is_allowed,
    is_calling_code,
    normal_phone,
)

ONE = "+8613800006666"

ACCEPTED = [
    "13800006666",
    "+8613800006666",
    "008613800006666",
    "+86 13800006666",
    "0086 13800006666",
    "+86 138 0000 6666",
    "138 0000 6666",
    "138-0000-6666",
    "+86-138-0000-6666",
    "0086-138-0000-6666",
    "(+86)13800006666",
    "(+86) 138 0000 6666",
    "+(86) 138 0000 6666",
    "(0086) 13800006666",
    "+86 (138) 0000-6666",
    "+86(138)00006666",
    "00 86 138 0000 6666",
    "+ 86 138 0000 6666",
    " 13800006666",
    "13800006666 ",
    " +86 13800006666 ",
    "1 3 8 0 0 0 0 6 6 6 6",
]

REFUSED = [
    "１３８００００６６６６",
    "1380000666６",
    "＋8613800006666",
    "+86１３800006666",
    "١٣٨٠٠٠٠٦٦٦٦",
    "۱۳۸۰۰۰۰۶۶۶۶",
    "१३८००००६६६६",
    "๑๓๘๐๐๐๐๖๖๖๖",
    "𝟏𝟑𝟖𝟎𝟎𝟎𝟎𝟔𝟔𝟔𝟔",
    "①③⑧⓪⓪⓪⓪⑥⑥⑥⑥",
    "²1380000666",
    "13800006666²",
    "1380000666\u2076",
    "一三八〇〇〇〇六六六六",
    "8613800006666",
    "08613800006666",
    "086 13800006666",
    "+08613800006666",
    "+086 13800006666",
    "+008613800006666",
    "++8613800006666",
    "00+8613800006666",
    "+86+13800006666",
    "000 8613800006666",
    "+86013800006666",
    "+86 0 138 0000 6666",
    "013800006666",
    "+868613800006666",
    "+8608613800006666",
    "tel:+8613800006666",
    "sms:13800006666",
    "13800006666#",
    "13800006666,1",
    "13800006666;ext=1",
    "13800006666x1",
    "13800006666\n",
    "\t13800006666",
    "138\r\n00006666",
    "13800006666\x00",
    "138\u00a00000\u00a06666",
    "138\u30000000\u30006666",
    "138\u200b0000\u200b6666",
    "\u202d13800006666\u202c",
    "\ufeff13800006666",
    "138–0000–6666",
    "138.0000.6666",
    "138/0000/6666",
    "138_0000_6666",
    "1.3800006666e10",
    "0x336904CAA",
    "+1e10",
    "",
    " ",
    "+",
    "+86",
    "0086",
    "1380000666",
    "138000066667",
    "12800006666",
    "02888888888",
    "400-800-8888",
    "110",
]


@pytest.mark.parametrize("spelling", ACCEPTED)
def test_all_accepted_spellings_are_one_number(spelling: str) -> None:
    assert normal_phone(spelling) == Phone("86", "13800006666")
    assert normal_phone(spelling).e164 == ONE


@pytest.mark.parametrize("spelling", REFUSED)
def test_every_other_spelling_is_refused(spelling: str) -> None:
    with pytest.raises(PhoneNumberInvalid) as refused:
        normal_phone(spelling)
    assert refused.value.facts() == {}


def test_the_sixty_spellings_are_sixty() -> None:
    assert len({*ACCEPTED, *REFUSED}) == len(ACCEPTED) + len(REFUSED) >= 60


def test_twin_folding_digits_makes_many_spellings_one_key_and_many_texts() -> None:
    """The usual `isdigit` and `int` take look-alikes, which a database then tells apart."""

    def folded(text: str) -> str:
        digits = "".join(one for one in text if one.isdigit())
        return digits[-11:]

    taken = [one for one in REFUSED if len(folded(one)) == 11]
    assert len({folded(one) for one in taken}) > 5
    assert len({str(unicodedata.normalize("NFKC", folded(one))) for one in taken}) < len(taken)


@pytest.mark.parametrize(
    ("spelling", "country", "national"),
    [
        ("+1 212 555 0100", "1", "2125550100"),
        ("001 212 555 0100", "1", "2125550100"),
        ("+7 916 123 45 67", "7", "9161234567"),
        ("+44 7911 123456", "44", "7911123456"),
        ("+852 6123 4567", "852", "61234567"),
        ("+853 6612 3456", "853", "66123456"),
        ("+886 912 345 678", "886", "912345678"),
        ("+81 90-1234-5678", "81", "9012345678"),
        ("+65 8123 4567", "65", "81234567"),
        ("+39 06 698 12345", "39", "0669812345"),
        ("+225 07 12 34 56 78", "225", "0712345678"),
        ("+690 3010", "690", "3010"),
    ],
)
def test_country_and_number_are_told_apart(spelling: str, country: str, national: str) -> None:
    assert normal_phone(spelling) == Phone(country, national)


@pytest.mark.parametrize(
    "spelling",
    [
        "+44 (0) 7911 123456",
        "+81 090-1234-5678",
        "+886 0912 345 678",
        "+210 123456789",
        "+999 123456789",
        "+800 1234 5678",
        "+881 612 345 678",
        "+852 ６1234567",
        "+852 6123456７",
        "+1 212 555 010٠",
        "+1 212 555 010²",
        "+８52 61234567",
        "+1 23456",
        "+690 301",
        "+44 7911 123456 7890 1",
        "+" + "1" * 4000,
        "1" + " " * 4000 + "3800006666",
    ],
)
def test_what_is_no_number_of_a_person_is_refused(spelling: str) -> None:
    with pytest.raises(PhoneNumberInvalid):
        normal_phone(spelling)


def test_no_calling_code_begins_another() -> None:
    codes = [str(code) for code in range(1000) if is_calling_code(str(code))]
    assert len(codes) > 200
    for code in codes:
        assert [other for other in codes if other.startswith(code)] == [code]
        assert find_calling_code(code + "5550100") == code


@st.composite
def _spellings(draw: st.DrawFn) -> tuple[str, str]:
    """A number as E.164, and one way to write it."""
    national = "1" + draw(st.sampled_from("3456789")) + draw(st.from_regex(r"\A[0-9]{9}\Z"))
    gap = st.text(" -()", max_size=1)
    prefix = draw(st.sampled_from(["", "+86", "0086", "(+86)", "+(86)"]))
    return f"+86{national}", prefix + "".join(draw(gap) + digit for digit in national)


@given(_spellings())
def test_every_accepted_spelling_gives_the_same_e164(case: tuple[str, str]) -> None:
    e164, spelling = case
    assert normal_phone(spelling).e164 == e164


@given(st.text(max_size=45) | st.from_regex(r"[+0(]{0,3}[0-9０-９²٠-٩ ()-]{5,20}"))
def test_whatever_comes_in_is_refused_or_settles_at_once(text: str) -> None:
    try:
        phone = normal_phone(text)
    except PhoneNumberInvalid:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}", phone.e164)
    assert normal_phone(phone.e164) == phone
    assert normal_phone("00" + phone.e164[1:]) == phone
    assert phone.proven_at is None


def test_only_countries_of_the_list_are_allowed() -> None:
    assert is_allowed(normal_phone("13800006666"), ("86",))
    assert not is_allowed(normal_phone("+1 212 555 0100"), ("86",))
    assert not is_allowed(normal_phone("+852 6123 4567"), ("86", "85"))
    assert is_allowed(normal_phone("+852 6123 4567"), ("86", "852"))
    assert not is_allowed(normal_phone("13800006666"), ())
