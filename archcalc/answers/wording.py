"""The signs and words of an answer: one sign for what is typed in many ways, and answers that are
words."""

from __future__ import annotations

import re
from unicodedata import category, decimal, normalize

from .vocabulary import (
    ABOUTS,
    FILLERS,
    HEDGES,
    LEADS,
    OCTETS,
    SCALE_WORDS,
    TWO_MEANINGS,
    UNITS,
    folded,
    longest_first,
)

# Behind this many signs nothing is an answer.
LONGEST = 300
# What stands for a sign that could not be read, and what is no sign of a text but that: the
# controls that are no space.
UNREAD = "\ufffd"
NO_TEXT = re.compile("[\\0-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\ufffd]")

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("×✕✖⨯хХ", "x"),
        **dict.fromkeys("·⋅∙•∗", "*"),
        **dict.fromkeys("−–—―‐‑‒", "-"),
        **dict.fromkeys("÷⁄∕", "/"),
        **dict.fromkeys("’‘ʼ´‛", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("≈≃≅∼˜≊", "~"),
        "≤": "<",
        "≥": ">",
        "…": "...",
        "К": "k",
        "к": "k",
        "М": "m",
    }
)
# What TeX writes, longest first where one begins another.
_TEX = (
    (r"\times", "x"),
    (r"\cdot", "*"),
    (r"\lfloor", "⌊"),
    (r"\rfloor", "⌋"),
    (r"\lceil", "⌈"),
    (r"\rceil", "⌉"),
    (r"\left", ""),
    (r"\right", ""),
    (r"\approx", "~"),
    (r"\sim", "~"),
    (r"{,}", ","),
    (r"\,", " "),
    (r"\;", " "),
    (r"\ ", " "),
    (r"\text", ""),
    (r"\mathrm", ""),
    (r"\(", ""),
    (r"\)", ""),
    (r"\[", ""),
    (r"\]", ""),
)
# A vulgar fraction, alone or behind a whole number: 3½.
_FRACTION = re.compile("(?:(?<![\\d.,])(\\d{1,12}) ?)?([¼-¾⅐-⅞])")
_RAISED = re.compile(f"[{''.join(_SUPERSCRIPTS)}]+")
_BOLD = re.compile(r"(?<![\w)])\*\*([^* ][^*]*)\*\*(?![\w(])")
_POWER = re.compile(r"(?<=[\d)]) ?\*\* ?(?=[-+\d(])")
_EMPHASIS = ("**", "__", "*", "_", "`", "$", '"', "'", "~~")


def normalised(text: str) -> str:
    """An answer in lower case and in few signs: ``x * / - ' " ~`` for their many kinds, ``^2``
    for a superscript, single spaces, plain digits, nothing of Markdown or TeX around them."""
    text = _FRACTION.sub(lambda m: f"({m[1]}+{m[2]})" if m[1] else f"({m[2]})", text)
    text = _RAISED.sub(lambda m: f"^{''.join(_SUPERSCRIPTS[c] for c in m[0])} ", text)
    if "\\" in text or "{" in text:
        for tex, sign in _TEX:
            text = text.replace(tex, sign)
        text = text.replace("{", "(").replace("}", ")")
    if not text.isascii():
        text = "".join([_plain(c) for c in normalize("NFKC", text.translate(_SIGNS))])
        text = text.translate(_SIGNS)
        text = _BESIDE.sub(" ", _MYRIADS.sub(_in_digits, text))
    text = _POWER.sub("^", _BOLD.sub(r"\1", " ".join(folded(text).split())))
    return _without_marks(text)


# Between a digit and a sign of a script without spaces.
_BESIDE = re.compile("(?<=[぀-ヿ㐀-鿿가-힯])(?=[\\d.])|(?<=\\d)(?=[぀-ヿ㐀-鿿가-힯])")
# 357万6960, 3億5769万: digits before and behind the signs for ten thousand and a hundred million.
_MYRIADS = re.compile(
    r"(?<![\d.,])(?:(\d{1,4})[億亿억] ?)?(?:(\d{1,4})[万萬만] ?)?(\d{1,4})(?![\d.,万萬만億亿억])"
)


def _in_digits(found: re.Match[str]) -> str:
    high, middle, low = found.groups()
    if high is None and middle is None:
        return found[0]
    return str(int(high or 0) * 10**8 + int(middle or 0) * 10**4 + int(low))


def _without_marks(text: str) -> str:
    """A text without the signs of emphasis and quotation that stand around all of it."""
    start, end = 0, len(text)
    while True:
        mark = next(
            (
                mark
                for mark in _EMPHASIS
                if end - start > 2 * len(mark)
                and text.startswith(mark, start)
                and text.endswith(mark, start, end)
            ),
            "",
        )
        low, high = start + len(mark), end - len(mark)
        while low < high and text[low] == " ":
            low += 1
        while low < high and text[high - 1] == " ":
            high -= 1
        if not mark or low == high:
            return text[start:end]
        start, end = low, high


def _plain(sign: str) -> str:
    kind = category(sign)
    if kind == "Nd":
        return str(decimal(sign))
    return " " if kind in ("Zs", "Zl", "Zp", "Cc") else "" if kind == "Cf" else sign


NO_FIT = "does not fit"
NOT_APPLICABLE = "not applicable"
EVERYTHING = "everything"
BLANK = "blank"
ZERO = "zero"

_MEANINGS = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (
            r"[-_.?\s/]*|blank|\(blank\)|no answer|not answered|skip(ped)?|tbd|todo|idk|nan|null"
            r"|(i )?(do not|don't|dont) know|(i am |i'm )?not sure|no idea|no clue|pass|keine ahnung"
            r"|(ich )?wei(ß|ss) (es |ich )?nicht|keine (angabe|antwort)|k\. ?a\.?"
            r"|(je )?(ne )?sais pas|aucune idee|(yo )?no (lo )?se|ni idea|non (lo )?so|nao sei|не знаю"
            r"|不知道|わからない|分からない|わかりません",
            BLANK,
        ),
        (
            r"n ?/ ?a\.?|n\.? ?a\.?|not applicable|nicht anwendbar|entfallt|sans objet|no aplica|нет ответа",
            NOT_APPLICABLE,
        ),
        (r"(it )?(does not|doesn't|doesnt|won't|wont|cannot|can't|cant|did not|didn't|not) fit\b.*", NO_FIT),
        (
            r"(invalid|not valid|impossible|(it is )?not possible|undefined|not defined|not allowed"
            r"|illegal|error|not an? (integer|whole number)|no(t)? integer|non-?integer|does not work"
            r"|doesn't work|(es )?passt nicht|geht nicht|nicht moglich|unmoglich|ungultig"
            r"|(ca |cela )?ne (rentre|marche|convient) pas|pas possible|no (cabe|encaja|es posible)"
            r"|imposible|impossibile|impossivel|non valido|невозможно|不可能|不整除)( \(.*\))?",
            NO_FIT,
        ),
        (
            r"(the )?(all|everything|global|(whole|entire|full|complete) (image|input|picture))"
            r"( of it)?|alles|(das )?ganze bild|tout|toute l'image|toda la imagen|tutta l'immagine|全部",
            EVERYTHING,
        ),
        (
            r"zero|none|nil|nothing|no (learnable |trainable )?(parameters|params|weights|operations)"
            r"|keine?( (lernbaren |trainierbaren )?(parameter|gewichte|operationen))?|nichts"
            r"|aucune?( parametres?)?|cero|ninguno|ningun parametro|nessuno|nenhum|ноль|нет|geen|ingen"
            r"|没有|无",
            ZERO,
        ),
    )
)


def meaning(text: str) -> str | None:
    """The meaning of a normalised answer in words; None if it is not one of these words."""
    bare = text.strip(" .!;,\"'") if text.strip(" .!;,\"'") else text
    for pattern, meant in _MEANINGS:
        if pattern.fullmatch(bare):
            return meant
    return None


# Said of a number without changing it, whatever the language.
_BIAS = re.compile(
    r"\(?\b(?:there (?:is|are) |es gibt |hay )?"
    r"(?:with(?:out)?|no|keine?n?|pas de"
    r"|incl(?:\.|uding)?|excl(?:\.|uding)?|ohne|mit|inkl\.?|exkl\.?|inklusive|exklusive"
    r"|sans|avec|sin|con|senza|sem|com|без) (?:the |die |den |le |les |el |los )?"
    r"(?:bias(?:es)?|biais|sesgos?|vies(?:es)?|смещени[яй])\b\)?"
    r"|\(?\b(?:the )?bias(?:es)? (?:is |are |was |were )?"
    r"(?:not (?:counted|included)|ignored|excluded|left out|omitted|nicht (?:mit)?gezahlt)\b\)?"
    r"|\+ ?0 bias(?:es)?\b"
    r"|\(?\bno (?:learnable |trainable )?(?:parameters|params|weights)\b\)?"
    r"|\(?\b(?:no|keine?|pas de|aucun) (?:lernbaren )?(?:parameter|parametres?)\b\)?|/ ?image\b"
)
_FILLER = re.compile(
    r"\(?\b(?:in total|total|altogether|overall|exactly|learnable|trainable|per image|insgesamt|gesamt|genau"
    r"|in (?:each|every|both) (?:direction|dimension|axis)s?|per (?:side|axis|dimension)|in jede richtung"
    r"|je(?:de)? seite|par cote|por lado|per lato"
    r"|au total|en total|no total|in totale|exactement|exactamente|pro bild|par image|всего|итого)\b\)?"
)


# What a student says of the answer and not of the number: that it was checked, or is not sure; a face.
_SAID = re.compile(
    r"[,;]?(?: <-+| ←)[^\d<>]{1,60}$"
    r"|[,;]? [:;]-?[()]+$"
    r"|[,;:]? ?[(\[]?(?<![\w'])(?:"
    r"(?:(?:but|aber|mais|pero) )?(?:i'?m |i am |ich bin |bin |mir )?"
    r"(?:not (?:so |quite |really )?sure|unsure|nicht (?:ganz )?sicher|unsicher"
    r"|pas (?:tout a fait )?sure?|no estoy segur[oa]|non sono sicur[oa])"
    r"|(?:double[- ])?checked(?: twice)?"
    r"|see (?:(?:the )?(?:calc|calculations?|workings?|back|other page) )?(?:below|above)"
    r"|siehe (?:oben|unten)|voir (?:plus haut|ci-dessous)"
    r")(?![\w'])[)\]]?$"
)


def without_asides(text: str) -> str:
    """A normalised text without the words about a number that do not change it."""
    remark = _SAID.search(text)
    if remark is not None and remark.start():
        text = text[: remark.start()]
    return " ".join(_FILLER.sub(" ", without_bias(text)).split())


def without_bias(text: str) -> str:
    """A normalised text without the words that say whether biases are counted: the number says it."""
    return " ".join(_BIAS.sub(" ", text).split())


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join([re.escape(word) for word in longest_first(words)])


_LEAD = re.compile(
    rf"(?:(?:the |die |das |la |le |el |il )?(?:{_one_of((*LEADS, *HEDGES))})(?![\w'-])"
    r"(?: (?:is|ist|es|est|that|dass|que|c'est)\b){0,2}|=+>|[:=]) ?[.:)=]* ?"
)
_HEDGE = re.compile(rf"[ ,](?:{_one_of(HEDGES)})")
_ABOUT = re.compile(
    rf"(?:~=?|(?:{_one_of(tuple([w for w in ABOUTS if w[0] < 'я']))})(?![\w'-])\.?:?"
    rf"|{_one_of(tuple([w for w in ABOUTS if w[0] > 'я']))}) ?"
)


def without_leads(text: str) -> str:
    """A normalised text without what only says that an answer comes: ``I think``, ``the answer is``."""
    for _ in range(4):
        found = _LEAD.match(text)
        if found is None or found.end() == len(text):
            break
        text = text[found.end() :]
    for found in _HEDGE.finditer(text):
        if found.end() == len(text) and (bare := text[: found.start()].rstrip(" ,")):
            return bare
    return text


def without_about(text: str) -> str:
    """A normalised text without the word that says that it is not exact."""
    found = _ABOUT.match(text)
    if found is None:
        return text
    behind = text[found.end() : found.end() + 1]
    # `c = 96` names the channels, and `c. 96` is about 96.
    return text[found.end() :] if behind and (found[0].startswith("~") or behind not in "=:,;/*x) ") else text


_TWO = re.compile(rf"(?<=\d)( ?)({_one_of(tuple(TWO_MEANINGS))})(?![a-z])")
_MIO = re.compile(r"(?<=\d)( ?)mio(?![a-z.])")
_SMALL_B = re.compile(r"(?<=\d) ?[KMGT]i?b(?![A-Za-z])")


def meanings(plain: str, written: str, bytes_expected: bool) -> tuple[tuple[str, ...], str]:
    """The texts that a normalised one may stand for, where a word of it has two meanings, and the
    question that decides; else the text alone."""
    if found := _TWO.search(plain):
        ways = TWO_MEANINGS[found[2]]
        texts = [_TWO.sub(rf"\1{way}", plain) for way in ways]
        return tuple(texts), f"is `{found[2]}` a {' or a '.join(ways)}?"
    if bytes_expected and _MIO.search(plain):
        texts = [_MIO.sub(rf"\1{way}", plain) for way in ("mib", "million")]
        return tuple(texts), "is `Mio` a mebibyte or a million?"
    if found := _SMALL_B.search(written):
        at = plain.replace(" ", "").find(found[0].replace(" ", "").lower())
        if at >= 0:
            unit = found[0].strip()
            bits = re.sub(rf"(?<=\d) ?{unit.lower()}(?![a-z])", f" {unit[:-1].lower()}bit", plain)
            return (bits, plain), f"is `{unit}` a number of bits, or of bytes, {unit[:-1]}B?"
    return (plain,), ""


# Letters for which a scan takes a nought and a one, beside a digit or an x that stands beside one.
_LIKE_NOUGHT = re.compile(r"(?<![a-z])o(?=[\d.,])|(?<=[\d.,])o(?![a-z])|(?<=\dx)o(?=[\dx])")
_LIKE_ONE = re.compile(
    r"(?<![a-z])[li|](?=[\d.,])|(?<=[\d.,])[li|](?=[\d.,x]|[\s)\]]|$)|(?<=\dx)[li|](?=[\dx])"
)


def scanned(text: str) -> str:
    """A normalised text with digits for the letters that a scan takes for them; the same where there are
    none."""
    return _LIKE_ONE.sub("1", _LIKE_NOUGHT.sub("0", text))


_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\S")
_GLUED = re.compile(rf"({_one_of(tuple([w for w in SCALE_WORDS if w.isascii()]))})-?([a-z-]+)")


def suffix(text: str, bytes_expected: bool) -> tuple[str, str] | None:
    """Scale and unit of what stands behind a number: ``k macs``, ``mib``, ``million``. A lone B is
    a byte where bytes are expected, else a billion. None if it is neither."""
    if not text:
        return "", ""
    if text in UNITS:
        return "", UNITS[text]
    if text == "b":
        return ("", "bytes") if bytes_expected else ("G", "")
    scale = unit = ""
    for word in _parts(text):
        if word in FILLERS or (word == "." and (scale or unit)):
            continue
        meant = _unit(word, bytes_expected, bool(scale))
        if meant is None or (meant[0] and (scale or unit)):
            return None
        if (
            meant[1]
            and unit not in ("", meant[1])
            and not (
                {unit, meant[1]} <= {"operations", "macs"} or {unit, meant[1]} <= {"operations", "flops"}
            )
        ):
            return None
        known = meant[1] if unit == "operations" and meant[1] else unit
        scale, unit = scale or meant[0], known or meant[1]
    return scale, unit


def _parts(text: str) -> list[str]:
    """The words of a text; those of a script without spaces, as far as they are known."""
    found: list[str] = []
    for word in _WORD.findall(text):
        while not word.isascii() and len(word) > 1 and word not in SCALE_WORDS and word not in UNITS:
            known = next((word[:end] for end in range(len(word) - 1, 0, -1) if _known(word[:end])), "")
            if not known or known.isascii():
                break
            found.append(known)
            word = word[len(known) :]
        found.append(word)
    return found


def _known(word: str) -> bool:
    return word in SCALE_WORDS or word in UNITS or word in FILLERS


def _unit(word: str, bytes_expected: bool, scaled: bool) -> tuple[str, str] | None:
    """Scale and unit of one word."""
    if word in UNITS:
        return "", UNITS[word]
    if word == "b" and scaled:
        return "", "bytes"
    if bytes_expected and word in OCTETS:
        return OCTETS[word]
    if word in ("kio", "gio", "tio"):
        return OCTETS[word]
    if word in SCALE_WORDS:
        return SCALE_WORDS[word], ""
    glued = _GLUED.fullmatch(word)
    if glued is None:
        return None
    unit = "bytes" if glued[2] == "b" else UNITS.get(glued[2])
    return (SCALE_WORDS[glued[1]], unit) if unit else None


# What stands before an `=` or a colon and names the number behind it: words of the field, a layer, a letter.
_LABEL = re.compile(r"[#(]?[^\W\d][\w .#()'*_/-]{0,60}")
_NAME = re.compile(r"[a-z]{1,3}|(?=[a-z_.]*\d)[a-z_][a-z0-9_.]*|#")
_NAMING = frozenset(
    {
        *(word for phrase in (*LEADS, *HEDGES) for word in phrase.split()),
        *"the a for of number no nr layer conv pool fc first second third last block input whole".split(),
        *"network net in one image total der die das fur von im anzahl le la les du de nombre el".split(),
        *"los numero convolution convolutional pooling dense linear filters neurons kernel".split(),
        *"width height channels".split(),
    }
)


def is_label(text: str) -> bool:
    """Tell whether words only name the number behind them: ``params``, ``output of conv1``, ``W``."""
    if not _LABEL.fullmatch(text):
        return False
    words = re.findall(r"[^\s()'*/-]+", text)
    return all(_known(word) or word in _NAMING or _NAME.fullmatch(word) is not None for word in words)
