"""What a password and a username must be."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.login import errors
from wxlogin.login.passwords import (
    MAX_PASSWORD,
    MAX_USERNAME,
    MIN_ALONE,
    MIN_BESIDE_WECHAT,
    check_new_password,
    check_new_username,
    normal_password,
    normal_username,
)

GOOD = "lantern42cobalt"
TYPED = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")))


def check(
    password: str, *context: str, minimum: int = MIN_BESIDE_WECHAT, common: str | None = None
) -> str:
    return check_new_password(
        password, minimum=minimum, is_common=lambda text: text == common, context=context
    )


def refusal(password: str, *context: str, **how: object) -> str:
    with pytest.raises(errors.PasswordWeak) as caught:
        check(password, *context, **how)  # type: ignore[arg-type]
    assert caught.value.minimum == how.get("minimum", MIN_BESIDE_WECHAT)
    assert password not in str(caught.value)
    return caught.value.reason


def invalid(error: errors.RequestInvalid) -> tuple[str, str]:
    (only,) = error.errors
    return only["field"], only["reason"]


class TestNewPassword:
    def test_eight_code_points_beside_wechat_and_fifteen_alone(self) -> None:
        assert check("v7Kq2mPz") == "v7Kq2mPz"
        assert refusal("v7Kq2mP") == "too_short"
        assert check("v7Kq2mPzv7Kq2mP", minimum=MIN_ALONE)
        assert refusal("v7Kq2mPzv7Kq2m", minimum=MIN_ALONE) == "too_short"

    def test_128_code_points_are_taken_and_129_are_not(self) -> None:
        assert check("猫" * MAX_PASSWORD) == "猫" * MAX_PASSWORD
        assert refusal("猫" * (MAX_PASSWORD + 1)) == "too_long"

    def test_characters_count_and_not_bytes(self) -> None:
        assert check("我家的猫叫豆豆呢")
        assert refusal("我家的猫叫豆豆") == "too_short"
        assert refusal("😀" * 7) == "too_short"

    def test_what_is_typed_as_two_counts_as_the_one_it_is(self) -> None:
        assert refusal(unicodedata.normalize("NFD", "éàüöäßñ")) == "too_short"
        longest = "ᾂ" * MAX_PASSWORD  # each of four code points, decomposed
        typed = unicodedata.normalize("NFD", longest)
        assert len(typed) == 4 * MAX_PASSWORD
        assert check(typed) == longest

    def test_no_kind_of_character_is_asked_for(self) -> None:
        assert check("zhaqhmxk")
        assert check("mountain lamp river")

    def test_a_common_one_is_refused_with_the_reason(self) -> None:
        assert refusal(GOOD, common=GOOD) == "common"

    def test_the_block_list_sees_the_normal_form(self) -> None:
        common = "café de paris"
        assert refusal(unicodedata.normalize("NFD", common), common=common) == "common"

    @pytest.mark.parametrize(
        "password",
        [
            "zhangsan88",
            "ZHANGSAN",
            "ｚｈａｎｇｓａｎ",
            "1zhangsan!!",
            "zhangsanzhangsan",
            "zhangsa!!!",
        ],
    )
    def test_the_name_of_the_account_dressed_up_is_refused(self, password: str) -> None:
        assert refusal(password, "", "Zhangsan") == "contains_name"

    @pytest.mark.parametrize(
        "password", ["13800006666", "13800006666ab", "0006666!", "+8613800006666"]
    )
    def test_a_phone_number_or_a_piece_of_it_is_refused(self, password: str) -> None:
        assert refusal(password, "+8613800006666") == "contains_name"

    def test_a_name_within_a_long_password_is_no_harm(self) -> None:
        assert check("zhangsan v7Kq2", "zhangsan")
        assert check(GOOD, "", " ", "4", "猫")

    def test_letters_that_fold_into_few_are_no_piece_of_every_name(self) -> None:
        assert check("ㄱㅏㄴㅏㄷㅏㄹㅏ", "홍길동가")

    @pytest.mark.parametrize("bad", ["\0", "\n", "\x1b", "\x85", "\u2028"])
    def test_control_characters_are_no_text_a_person_types(self, bad: str) -> None:
        with pytest.raises(errors.RequestInvalid) as caught:
            check(GOOD + bad)
        assert invalid(caught.value) == ("password", "control_character")

    def test_half_a_surrogate_pair_is_refused_and_not_repeated(self) -> None:
        with pytest.raises(errors.RequestInvalid) as caught:
            check_new_password(
                GOOD + "\ud83d",
                minimum=8,
                is_common=lambda _: False,
                context=(),
                field="new_password",
            )
        assert invalid(caught.value) == ("new_password", "not_text")
        assert caught.value.__context__ is None

    @given(TYPED)
    def test_composed_and_decomposed_are_one_password(self, text: str) -> None:
        composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
        outcomes = []
        for spelling in (text, composed, decomposed):
            try:
                outcomes.append(check(spelling))
            except errors.PasswordWeak as weak:
                outcomes.append(weak.reason)
        assert len(set(outcomes)) == 1

    @given(TYPED)
    def test_what_may_be_set_is_what_is_compared_later(self, text: str) -> None:
        try:
            kept = check(text)
        except errors.PasswordWeak:
            return
        assert kept == normal_password(text) == normal_password(kept)
        assert MIN_BESIDE_WECHAT <= len(kept) <= MAX_PASSWORD


class TestNormalPassword:
    def test_128_code_points_are_the_end_whoever_may_have_more(self) -> None:
        assert len(normal_password("é" * 128)) == 128
        with pytest.raises(errors.RequestInvalid) as caught:
            normal_password("é" * 129, field="current_password")
        assert invalid(caught.value) == ("current_password", "too_long")

    @pytest.mark.parametrize("bad", ["a", "猫", "e\u0301", "\u0301", "\ud83d"])
    def test_a_megabyte_costs_a_glance(self, bad: str) -> None:
        huge = bad * 1_000_000
        seconds = []
        for _ in range(5):
            began_at = time.perf_counter()
            with pytest.raises(errors.RequestInvalid):
                normal_password(huge)
            seconds.append(time.perf_counter() - began_at)
        assert min(seconds) < 0.02

    def test_half_a_surrogate_pair_is_refused(self) -> None:
        with pytest.raises(errors.RequestInvalid) as caught:
            normal_password("\udc00")
        assert invalid(caught.value) == ("password", "not_text")

    def test_an_old_password_of_any_shape_may_be_tried(self) -> None:
        assert normal_password("") == ""
        assert normal_password("a\0b") == "a\0b"


class TestUsername:
    @pytest.mark.parametrize("spelling", ["Zoe", "zoe", "ZOE", " zoe ", "Ｚｏｅ", "\u3000zoe"])
    def test_one_name_however_it_is_typed(self, spelling: str) -> None:
        assert normal_username(spelling) == "zoe"

    @pytest.mark.parametrize(
        ("one", "other"), [("Straße", "STRASSE"), ("ﬁona", "Fiona"), ("é", "e\u0301"), ("ΐ", "Ϊ́")]
    )
    def test_letters_that_fold_together_are_one(self, one: str, other: str) -> None:
        assert normal_username(one) == normal_username(other)

    @given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
    def test_a_key_is_its_own_key(self, text: str) -> None:
        try:
            key = normal_username(text)
        except errors.RequestInvalid:
            return
        assert normal_username(key) == key
        assert normal_username(unicodedata.normalize("NFD", text)) == key
        assert len(key) <= MAX_USERNAME

    @given(st.text(max_size=70))
    def test_a_name_that_may_be_taken_is_found_as_it_was_typed_and_as_it_is_shown(
        self, text: str
    ) -> None:
        try:
            shown = check_new_username(text)
        except errors.RequestInvalid:
            return
        assert normal_username(shown) == normal_username(text)
        assert 2 <= len(shown) <= MAX_USERNAME
        assert check_new_username(shown) == shown

    @pytest.mark.parametrize(
        "name", ["ab", "王芳", "zhang.san-88", "José", "a" * 64, "a@b.cn", "x86", "猫🐱"]
    )
    def test_names_that_may_be_taken(self, name: str) -> None:
        assert check_new_username(f" {name} ") == name

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("a", "too_short"),
            ("  ", "too_short"),
            ("a" * 65, "too_long"),
            ("ß" * 33, "too_long"),  # its key has twice as many
            ("a" * 1_000_000, "too_long"),
            ("zhang san", "not_printable"),
            ("zhang\u3000san", "not_printable"),
            ("zhang\u00a0san", "not_printable"),
            ("zoe\u200b", "not_printable"),  # zero width space
            ("z\u200doe", "not_printable"),  # zero width joiner
            ("z\u00adoe", "not_printable"),  # soft hyphen
            ("\u202eeoz", "not_printable"),  # right to left
            ("zoe\u2066", "not_printable"),
            ("zoe\ufeff", "not_printable"),
            ("zoe\ufe0f", "not_printable"),  # variation selector
            ("zoe\U000e0041", "not_printable"),  # tag
            ("zoe\U000e0100", "not_printable"),
            ("z\u034foe", "not_printable"),  # grapheme joiner
            ("zoe\u3164", "not_printable"),  # Hangul filler
            ("zoe\uffa0", "not_printable"),
            ("zoe\u2800", "not_printable"),  # blank Braille
            ("zoe\0x", "not_printable"),
            ("zoe\nx", "not_printable"),
            ("zoe\ud800", "not_printable"),
            ("zoe\U000e1000", "not_printable"),  # no character yet
            ("13800006666", "phone_number"),
            ("+8613800006666", "phone_number"),
            ("138-0000-6666", "phone_number"),
            ("138‑0000–6666", "phone_number"),
            ("(010)12345678", "phone_number"),
            ("１３８００００６６６６", "phone_number"),
            ("١٣٨٠٠٠٠٦٦٦٦", "phone_number"),
            ("²³⁴", "phone_number"),
        ],
    )
    def test_names_that_may_not(self, name: str, reason: str) -> None:
        with pytest.raises(errors.RequestInvalid) as caught:
            check_new_username(name)
        assert invalid(caught.value) == ("username", reason)

    @pytest.mark.parametrize(
        ("name", "reason"),
        [("a" * 65, "too_long"), ("a\0", "not_printable"), ("a\ud800", "not_printable")],
    )
    def test_a_login_with_what_no_row_can_hold_asks_no_database(
        self, name: str, reason: str
    ) -> None:
        with pytest.raises(errors.RequestInvalid) as caught:
            normal_username(name + "b")
        assert invalid(caught.value) == ("username", reason)
