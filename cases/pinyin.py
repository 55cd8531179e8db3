"""How Chinese names are read, so that a search finds them by Latin letters."""

import re

from pypinyin import lazy_pinyin


def read_aloud(zh: str) -> tuple[str, str]:
    """The syllables without tones, a blank between them, and their initials: 井盖缺失 → `jing gai que shi`, `jgqs`.

    Latin letters and digits stay, in lower case; signs are left out.
    """
    read = lazy_pinyin(zh, errors=lambda other: " ".join(re.findall(r"[a-z0-9]+", other.lower())))
    syllables = " ".join(read).split()
    return " ".join(syllables), "".join(syllable[0] for syllable in syllables)
