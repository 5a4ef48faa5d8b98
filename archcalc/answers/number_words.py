"""Small numbers in words: ``twenty-seven``, ``siebenundzwanzig``, ``vingt-sept``, ``veintisiete``; in English
larger ones too, ``three thousand five hundred and twenty-eight``."""

from __future__ import annotations

import re
from functools import lru_cache

from .vocabulary import folded

# Of each language the words of 0 to 19, those of the tens from 20 to 90, and how a ten and a one are put
# together.
_LANGUAGES = (
    (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen",
        "twenty thirty forty fifty sixty seventy eighty ninety",
        "{ten} {one}",
    ),
    (
        "null ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn"
        " sechzehn siebzehn achtzehn neunzehn",
        "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
        "{one}und{ten}",
    ),
    (
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
        " dix-sept dix-huit dix-neuf",
        "vingt trente quarante cinquante soixante septante huitante nonante",
        "{ten} {one}",
    ),
    (
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
        " dieciseis diecisiete dieciocho diecinueve",
        "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
        "{ten} y {one}",
    ),
    (
        "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici"
        " quindici sedici diciassette diciotto diciannove",
        "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
        "{ten}{one}",
    ),
    (
        "zero um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis"
        " dezessete dezoito dezenove",
        "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa",
        "{ten} e {one}",
    ),
    (
        "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien"
        " zestien zeventien achttien negentien",
        "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
        "{one}en{ten}",
    ),
)
_ENGLISH = {"hundred": 100, "thousand": 10**3, "million": 10**6}
_WORDS = re.compile(r"[^\W\d_]+(?:[ -]+[^\W\d_]+)*")


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    """The numbers below a hundred in all languages, without hyphens and accents."""
    found: dict[str, int] = {}
    for small, tens, form in _LANGUAGES:
        ones = small.split()
        for value, word in enumerate(ones):
            found.setdefault(word.replace("-", " "), value)
        for ten, word in enumerate(tens.split(), 2):
            found.setdefault(word, 10 * ten)
            for value, one in enumerate(ones[1:10], 1):
                found.setdefault(form.format(ten=word, one=one), 10 * ten + value)
    found.update({"eins": 1, "dreizig": 30, "quatre vingts": 80, "quatre vingt": 80, "vingt et un": 21})
    found.update({f"veinti{word}": 20 + at for at, word in enumerate(_LANGUAGES[3][0].split()[1:10], 1)})
    for at, word in enumerate(_LANGUAGES[2][0].replace("-", "_").split()[1:], 1):
        found[f"quatre vingt {word.replace('_', ' ')}"] = 80 + at
        if at > 9:
            found[f"soixante {word.replace('_', ' ')}"] = 60 + at
    return found


@lru_cache(maxsize=1 << 10)
def number_in_words(text: str) -> int | None:
    """The number that a text says in words and nothing else; None where it says something else.

    >>> number_in_words("twenty-seven"), number_in_words("siebenundzwanzig"), number_in_words("vingt-sept")
    (27, 27, 27)
    >>> number_in_words("three thousand five hundred and twenty-eight")
    3528
    """
    plain = folded(text.strip(" .!?"))
    if len(plain) > 100 or not _WORDS.fullmatch(plain):
        return None
    plain = " ".join(plain.replace("-", " ").replace("ß", "ss").split())
    known = _numbers().get(plain)
    return _in_english(plain.split()) if known is None else known


def in_digits(text: str) -> str:
    """A text that begins with a number in words, ``three million``, with digits for it; the same where it
    does not. A thousand or a million at its end stays, for it may be rounded to that.

    >>> in_digits("three hundred thousand macs"), in_digits("none of them")
    ('300 thousand macs', 'none of them')
    """
    words = text.split(" ")
    if len(text) > 100 or any(sign.isdecimal() for sign in text):
        return text
    for end in range(len(words), 0, -1):
        if words[end - 1] in ("thousand", "million"):
            continue
        number = number_in_words(" ".join(words[:end]))
        if number is not None:
            return " ".join([str(number), *words[end:]])
    return text


def _in_english(words: list[str]) -> int | None:
    """An English number: hundreds, thousands and millions in their order, with or without `and`."""
    total = part = 0
    last = 10**9
    expects = True  # a number below a hundred, or `a`, may follow
    ten = False
    for at, word in enumerate(words):
        if word == "and" and 0 < at < len(words) - 1:
            continue
        value = 1 if word == "a" and words[at + 1 : at + 2] and words[at + 1] in _ENGLISH else None
        value = _numbers().get(word) if value is None else value
        if word in _ENGLISH:
            scale = _ENGLISH[word]
            if not part or (scale == 100 and part > 9) or (scale > 100 and scale >= last):
                return None
            if scale == 100:
                part *= scale
            else:
                total, part, last = total + part * scale, 0, scale
            expects, ten = True, False
        elif value is not None and value and (expects or (ten and value < 10)):
            part += value
            ten = expects and value >= 20
            expects = False
        else:
            return None
    return total + part or None
