"""What everybody would try first is common, and what a person made up is not."""

import random
import string
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("zxcvbn", reason="the extra [passwords] is not installed")

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from wxlogin.passwords import PasswordsMissing, blocklist
from wxlogin.passwords.blocklist import is_common

CHINA = """
woaini1314 woaini520 woaini5201314 1314woaini 5201314520 qq123456 qq5201314 a123456789
taobao123 taobao2024 zhang123456 wang5201314 weixin123 huawei123 mima1234 wodemima123
woaiwojia zs19900101 13800006666 a13800006666 8613800006666 caonima123 woshishui 110110110
我爱你我爱你我爱你 密码密码密码密码 我爱你一生一世
""".split()  # noqa: SIM905 - a list to be read
RUNS = """
aaaaaaaa 88888888 12345678 87654321 abcd1234 qwertyuiop poiuytrewq asdfghjkl zxcvbnm123 1qaz2wsx
1qaz2wsx3edc qazwsxedc q1w2e3r4t5 1q2w3e4r a1b2c3d4 qwer1234 11112222 123abc456def 147258369
abcabcabc 123123123 dragondragon 123456789012345 aaaaaaaaaaaaaaa qwertyuiop12345 !@#$%^&*
19900101 01011990 20240229 １２３４５６７８
""".split()  # noqa: SIM905
DRESSED = """
password PASSWORD P@ssw0rd Passw0rd! Dragon2024! Password123 Aa123456! admin@123 letmein1
""".split()  # noqa: SIM905
FINE = [
    "correct horse battery staple",
    "tr0ub4dor&3x9k",
    "v7Kq2mPz",
    "zhaqhmxk",
    "lantern42cobalt",
    "thequickbrownfox",
    "woxihuanchifanqie",
    "机器猫爱吃铜锣烧",
    "小明的生日蛋糕很大",
    "v7Kq2mPzv7Kq2mPz",
]


def test_the_list_is_ten_times_what_the_standard_asks() -> None:
    """ASVS 6.2.4: at least the 3,000 most common that the rules would let through."""
    long_enough = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8]
    assert len(long_enough) > 3_000
    assert all(map(is_common, FREQUENCY_LISTS["passwords"]))


@pytest.mark.parametrize("password", CHINA + RUNS + DRESSED)
def test_it_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize("password", FINE)
def test_it_is_not(password: str) -> None:
    assert not is_common(password)


def test_hardly_any_random_password_is_refused(seeded: random.Random) -> None:
    letters = string.ascii_letters + string.digits
    refused = sum(is_common("".join(seeded.choices(letters, k=10))) for _ in range(2_000))
    assert refused <= 2


@given(st.text(st.characters(codec="ascii"), max_size=128))
def test_case_makes_no_difference(text: str) -> None:
    assert is_common(text) is is_common(text.swapcase())


@given(st.text(max_size=128))
def test_any_text_is_judged(text: str) -> None:
    assert is_common(text) in (True, False)


@pytest.mark.parametrize("piece", ["a", "ab", "1qaz2wsx", "dragon", "猫", "a1!x", "qwertyuiop["])
def test_the_longest_password_is_judged_in_a_few_milliseconds(piece: str) -> None:
    password = (piece * 128)[:127] + "x"
    seconds = []
    for _ in range(5):
        began_at = time.perf_counter()
        is_common(password)
        seconds.append(time.perf_counter() - began_at)
    assert min(seconds) < 0.02


async def test_the_list_is_read_once_and_off_the_loop() -> None:
    blocklist._list.cache_clear()
    await blocklist.load()
    assert blocklist._list.cache_info().misses == 1
    assert is_common("password")
    assert blocklist._list.cache_info().misses == 1


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxcvbn.frequency_lists", None)
    blocklist._list.cache_clear()
    with pytest.raises(PasswordsMissing, match=r'pip install "wxlogin\[passwords\]"'):
        is_common("password")
