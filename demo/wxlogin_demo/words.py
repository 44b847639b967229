"""A text in both languages, and which of them is shown."""

import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Words(NamedTuple):
    """One text in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of the reader: "zh" or "en", and whether the other one stands beside it."""

    lang: str
    is_alone: bool = False

    def pick(self, words: Words) -> str:
        return words.en if self.lang == "en" else words.zh

    def beside(self, words: Words) -> str | None:
        """The same in the other language, where the reader did not ask for one alone."""
        if self.is_alone or words.zh == words.en:
            return None
        return words.zh if self.lang == "en" else words.en


def tongue_for(asked: str | None, environ: Mapping[str, str] = os.environ) -> Tongue:
    """What was asked for, else what the locale names; Chinese where neither says anything."""
    if asked is not None:
        return Tongue(asked, is_alone=True)
    named = [environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    if sys.platform == "win32":
        # None of them is set there, and the C library knows: "Chinese (Simplified)_China".
        # Not asked elsewhere: Python takes C.UTF-8 for American English.
        named.append(locale.getlocale()[0] or "")
    spoken = next((name for name in named if name), "").lower()
    is_unsaid = spoken.partition(".")[0] in ("", "c", "posix")
    return Tongue("zh" if is_unsaid or spoken.startswith(("zh", "chinese")) else "en")
