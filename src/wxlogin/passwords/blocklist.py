"""Whether a password is one that everybody would try first.

The list is the 30,000 most common passwords that the library zxcvbn carries. It knows little
of China, and no list holds every run over a keyboard, so a password is also common if all of
it but two characters are pieces such as these:

    woaini1314     a word people here begin with, a number that means something
    qwer1234       runs along a keyboard or an alphabet, either way
    88888888       one character again and again

and if it is a day, a mobile number, something repeated, or a common one dressed up:
P@ssw0rd, Dragon2024!.
"""

import asyncio
import functools
import importlib.util
import re
import unicodedata
from itertools import chain

from wxlogin.passwords import PasswordsMissing

LEFT_OVER = 2
"""Characters that do not save a password made of common pieces: a123456, qq5201314."""

DRESSING = 4
"""Digits and punctuation put behind a common password do not save it: a year, "123!"."""

_WORDS = """
woaini woaiwo woaiwojia aini woxiangni aiwo laopo laogong baobao baobei qinai mama baba
wang zhang liu chen yang huang zhao zhou xiao ming wei xiaoming zhongguo china beijing shanghai
taobao weixin wechat alipay zhifubao baidu tencent huawei xiaomi jingdong douyin weibo
mima wodemima nihao woshi shui caonima password passwd pass admin root test user login love
5201314 1314520 1314 520 521 3344 7758521 7758258 168 518 888 666 999 147258 159357 110120
我爱你 密码 我的 你好 一生一世 老婆 老公 宝贝 中国 微信 登录
"""

_LINES = """
abcdefghijklmnopqrstuvwxyz 01234567890
`1234567890-= qwertyuiop[]\\ asdfghjkl;' zxcvbnm,./ ~!@#$%^&*()_+
1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/ !qaz@wsx#edc$rfv%tgb^yhn&ujm
qazwsxedcrfvtgbyhnujmikolp q1w2e3r4t5y6u7i8o9p0 1q2w3e4r5t6y7u8i9o0p
aqswdefrgthyjukilo a1s2d3f4g5h6j7k8l9 a1b2c3d4e5f6g7h8i9 147258369 741852963 159753
"""

_UNDRESSED = str.maketrans("@40138$57!", "aaoiebssti")

_YEAR, _MONTH, _DAY = "(19|20)[0-9]{2}", "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_SPELT_DAY = re.compile(
    rf"[a-z]{{0,4}}({_YEAR}{_MONTH}{_DAY}|{_DAY}{_MONTH}{_YEAR}|{_MONTH}{_DAY}{_YEAR})[a-z]{{0,4}}"
)
_MOBILE = re.compile("[a-z]{0,2}(86)?1[3-9][0-9]{9}[a-z]{0,2}")
_DRESSING = re.compile(rf"[\W\d_]{{1,{DRESSING}}}$")


def check_installed() -> None:
    """Return where the library with the list is installed. Raises `PasswordsMissing`."""
    if importlib.util.find_spec("zxcvbn") is None:
        raise PasswordsMissing


async def load() -> None:
    """Have the list read in a thread; `is_common` then never waits for the disk.

    Not in the pool of the hashers: it takes the interpreter's lock for some 30 ms, which a
    thread of low priority could be made to keep.
    """
    await asyncio.to_thread(_list)


def is_common(password: str) -> bool:
    """Whether it is on the list, or as good as on it. Case and width do not matter.

    Raises `PasswordsMissing` where the library with the list is not installed.
    """
    folded = unicodedata.normalize("NFKC", password).casefold()
    return (
        _is_listed(folded)
        or _is_repeated(folded)
        or _SPELT_DAY.fullmatch(folded) is not None
        or _MOBILE.fullmatch(folded) is not None
        or min(_left_over(folded), _left_over(_bare(folded))) <= LEFT_OVER
    )


@functools.cache
def _list() -> frozenset[str]:
    try:
        from zxcvbn.frequency_lists import (  # type: ignore[import-untyped]
            FREQUENCY_LISTS,
        )
    except ImportError:
        raise PasswordsMissing from None
    return frozenset(FREQUENCY_LISTS["passwords"])


def _is_listed(folded: str) -> bool:
    """Whether it is a word of the list, however it is dressed."""
    forms = {folded, _bare(folded)}
    forms |= {form.translate(_UNDRESSED) for form in forms}
    return not forms.isdisjoint(_list())


def _bare(folded: str) -> str:
    return _DRESSING.sub("", folded)


def _is_repeated(folded: str) -> bool:
    """Whether it is something short or common again and again: 12121212, dragondragon."""
    period = (folded + folded).find(folded, 1)
    return period < len(folded) and (period < 8 or is_common(folded[:period]))


def _left_over(folded: str) -> int:
    """How many characters are in no common piece, the longest piece taken first."""
    start = left_over = 0
    while start < len(folded):
        length = _longest_piece(folded, start)
        left_over += not length
        start += length or 1
    return left_over


def _longest_piece(folded: str, start: int) -> int:
    pieces = _pieces()
    same = len(folded) - start - len(folded[start:].lstrip(folded[start]))
    length = next((n for n in range(40, 2, -1) if folded[start : start + n] in pieces), 0)
    return max(length, same if same > 2 else 0)


@functools.cache
def _pieces() -> frozenset[str]:
    """The words, and every run of three or more along a line, forwards and backwards."""
    lines = chain.from_iterable((line, line[::-1]) for line in _LINES.split())
    runs = {
        line[start:end]
        for line in lines
        for start in range(len(line))
        for end in range(start + 3, len(line) + 1)
    }
    return frozenset(runs.union(_WORDS.split()))
