"""Hashes of other systems: made by those systems, or published with them."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("argon2", reason="the extra [passwords] is not installed")
pytest.importorskip("bcrypt", reason="the extra [passwords] is not installed")

import bcrypt

from wxlogin.passwords import PasswordsMissing
from wxlogin.passwords.imported import find_verifier, is_supported

PASSWORD = "正确 horse battery é"
MADE = {
    "Django 5.2, PBKDF2 with SHA-256": (
        "pbkdf2_sha256$20000$seasalt$fyz3v8HyJMqFQBn5MRVjA6czTnC/7fr9jzzkoeqCkD4="
    ),
    "Django 5.2, PBKDF2 with SHA-1": "pbkdf2_sha1$20000$seasalt$YVPS1N2t08qvnb6CsszcSHPIXqc=",
    "Django 5.2, scrypt": (
        "scrypt$16384$seasalt$8$5$Ct0CYbsMPoy/QT7cSvAEeg1MJLNtGIaB0161JMXutkKcXzXdhQAZWNHZ90cRo6"
        "+Pfux/DmCA9wN0v5fjMympvw=="
    ),
    "Werkzeug 3.1, PBKDF2 with SHA-256": (
        "pbkdf2:sha256:20000$0sGTfsBvo7dA24MY"
        "$7b416bddc32ae6ab63e9be6e4d8ee6411586b48252e374f2f0c9593a6e0511ad"
    ),
    "Werkzeug 3.1, PBKDF2 with SHA-1": (
        "pbkdf2:sha1:20000$pEmIkFAv$40ca3c2d784b2d4aebbab91bccf07fa36c0aeeab"
    ),
    "Werkzeug 3.1, scrypt": (
        "scrypt:32768:8:1$Mei5aSExJVyjmA7L"
        "$37489a4bc4c147cd35e585578aef93e51d8f99ebfdc37085697fa5ddbe41f1e0f0c549939c135634e56d226f"
        "e2f1f69df465315b589142788a00d956da5c6922"
    ),
    "passlib 1.7, PBKDF2 with SHA-256": (
        "$pbkdf2-sha256$20000$YSwFgNAaw9gbIwQgROg9xw$S1.X4R3nbk/xOjvysB52VyJk.euGArqzV1IYXuQkKIY"
    ),
    "passlib 1.7, PBKDF2 with SHA-512": (
        "$pbkdf2-sha512$20000$d86Zs5ZSSomR0loLgbA2xg$y0qvcqE1mGdvY8msJvYORepIazpplQVpQFGiFP4J/8sr9"
        "YlCtSPmzIfscveWniJSgEHLC.1UFrH7I0VWFLG2xA"
    ),
    "bcrypt 5.0": "$2b$05$M5lfENCYGA7PRdaRuVL4.OEMJAn8ZbeiOGPilZCrWiErghSagvnQq",
    "argon2-cffi 25.1, Argon2id": (
        "$argon2id$v=19$m=8192,t=1,p=2$UHYrpQ637kd1pvOFAMZj2g"
        "$cT11JiEyEOO3qwfjFlYiByfc+NSe8RyUfduovVZN9Po"
    ),
    "argon2-cffi 25.1, Argon2i": (
        "$argon2i$v=19$m=8192,t=1,p=1$Ed+ra2Pj56yAJwuVvPyekg"
        "$Cb91yRiCTQ2XC2R6LT2WZ8jVAYBBozL3XQX4TzFrF6E"
    ),
}
DJANGO, DJANGO_SHA1, DJANGO_SCRYPT, WERKZEUG, _, WERKZEUG_SCRYPT, PASSLIB, _, BCRYPT, ARGON2, _ = (
    MADE.values()
)


def matches(password: str | bytes, hashed: str) -> bool:
    is_right = find_verifier(hashed)
    assert is_right is not None
    return is_right(password if isinstance(password, bytes) else password.encode())


@pytest.mark.parametrize("hashed", MADE.values(), ids=MADE.keys())
def test_the_right_password_of_every_format_and_no_other(hashed: str) -> None:
    assert is_supported(hashed)
    assert matches(PASSWORD, hashed)
    for wrong in ("", PASSWORD + " ", PASSWORD[:-1], PASSWORD.upper(), "\0" + PASSWORD):
        assert not matches(wrong, hashed)


@pytest.mark.parametrize(
    ("password", "hashed"),
    [
        # crypt_blowfish 1.3, wrapper.c
        ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        (
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
            "chars after 72 are ignored",
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
        ),
        (b"\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
    ],
)
def test_published_hashes_of_bcrypt(password: str | bytes, hashed: str) -> None:
    assert matches(password, hashed)
    assert not matches("another", hashed)


def test_bcrypt_compares_the_72_bytes_that_were_stored() -> None:
    stored = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert matches("x" * 72 + "whatever", stored)
    assert not matches("x" * 71, stored)
    cut_in_a_character = bcrypt.hashpw(("x" * 71 + "猫").encode()[:72], bcrypt.gensalt(4)).decode()
    assert matches("x" * 71 + "猫", cut_in_a_character)


def test_no_nul_ends_a_password_early() -> None:
    stored = bcrypt.hashpw(b"a", bcrypt.gensalt(4)).decode()
    assert matches("a", stored)
    assert not matches("a\0b", stored)


@pytest.mark.parametrize(
    "hashed",
    [
        DJANGO.replace("20000", "2000001"),
        DJANGO.replace("20000", "1000000000"),
        DJANGO.replace("20000", "9" * 5000),
        WERKZEUG.replace("20000", "2000001"),
        PASSLIB.replace("20000", "2000001"),
        DJANGO_SCRYPT.replace("16384", str(2**30)),
        DJANGO_SCRYPT.replace("$8$5$", "$99$5$"),
        DJANGO_SCRYPT.replace("$8$5$", "$8$99$"),
        DJANGO_SCRYPT.replace("16384", "16383"),
        WERKZEUG_SCRYPT.replace("32768:8", "131072:16"),
        BCRYPT.replace("$05$", "$15$"),
        BCRYPT.replace("$05$", "$31$"),
        ARGON2.replace("m=8192", "m=1048576"),
        ARGON2.replace("m=8192,t=1", "m=65536,t=17"),
        ARGON2.replace("t=1", "t=1000000"),
        ARGON2.replace("p=2", "p=64"),
    ],
)
def test_a_hash_that_could_stop_all_logins_is_not_taken(hashed: str) -> None:
    assert not is_supported(hashed)


@pytest.mark.parametrize(
    "hashed",
    [
        "5f4dcc3b5aa765d61d8327deb882cf99",  # MD5
        "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8",  # SHA-1
        "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
        "md5$salt$67a1e09bb1f83f5007dc119c14d663aa",
        "sha1$salt$59b3e8d637cf97edbe2384cf59cb7453dfe30789",
        "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
        "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0",
        "password",
        "!",
        "",
        DJANGO.replace("20000", "1"),
        DJANGO.replace("20000", "0"),
        BCRYPT.replace("$05$", "$03$"),
        DJANGO_SCRYPT.replace("16384", "2"),
    ],
)
def test_a_hash_that_hides_nothing_is_not_taken(hashed: str) -> None:
    assert not is_supported(hashed)


@pytest.mark.parametrize(
    "hashed",
    [
        DJANGO.replace("fyz3v8HyJMqFQBn5MRVjA6czTnC/7fr9jzzkoeqCkD4=", ""),
        DJANGO.replace("fyz3v8HyJMqFQBn5MRVjA6cz", ""),
        DJANGO.replace("seasalt", ""),
        DJANGO_SHA1.replace("YVPS", ""),
        WERKZEUG[:-1],
        WERKZEUG[:-2],
        WERKZEUG_SCRYPT[:-2],
        PASSLIB[:-1],
        PASSLIB.replace("YSwFgNAaw9gbIwQgROg9xw", "YSwFg"),
        BCRYPT + "x",
        BCRYPT + "\n",
        BCRYPT[:-1],
        BCRYPT.replace("$2b$", "$2x$"),
        BCRYPT.replace("4.O", "4.P"),  # bits set that no encoder sets
        ARGON2[:-1] + "p",
        ARGON2[:-1],
        ARGON2[:-30],
        ARGON2.replace("v=19", "v=16"),
        ARGON2.replace("argon2id", "argon2d"),
        DJANGO.replace("20000", "２００００"),
        f" {DJANGO}",
        DJANGO + "\ud800",
    ],
)
def test_a_damaged_hash_is_not_taken(hashed: str) -> None:
    assert not is_supported(hashed)


@pytest.mark.parametrize(("library", "hashed"), [("bcrypt", BCRYPT), ("argon2", ARGON2)])
def test_without_its_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, library: str, hashed: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(PasswordsMissing, match=r'pip install "wxlogin\[passwords\]"'):
        is_supported(hashed)


@settings(deadline=None)  # what is taken may cost half a second
@given(
    st.one_of(
        st.text(max_size=200),
        st.builds(
            lambda hashed, at, text: hashed[: at % len(hashed)] + text + hashed[at % len(hashed) :],
            st.sampled_from([DJANGO, PASSLIB, BCRYPT, ARGON2, WERKZEUG]),
            st.integers(0, 200),
            st.text("0aZ$:/.=,", max_size=4),
        ),
    )
)
def test_any_text_is_judged_and_what_is_taken_can_be_compared(hashed: str) -> None:
    if is_supported(hashed) and not hashed.startswith(("$2", "scrypt")):
        assert matches("another", hashed) in (True, False)
