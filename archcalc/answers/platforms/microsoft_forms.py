"""Microsoft Forms: the responses of a form or a quiz, with `Points - …` and `Feedback - …` behind each
question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .base import PlatformTable, identities
from .heads import fold

_STARTS = frozenset(
    """starttime startzeit heuredebut heurededebut horadeinicio oradiinizio oradinizio horadeinicio
    begintijd starttijd godzinarozpoczecia""".split()
)
_ENDS = frozenset(
    """completiontime fertigstellungszeit heuredefin horadefinalizacion horadeconclusao oradicompletamento
    tijdvanvoltooien voltooiingstijd godzinaukonczenia""".split()
)
_BESIDE = re.compile(r"[^-–—]{3,30}?\s[-–—]\s(.+)", re.DOTALL)


class Platform(PlatformTable):
    """The responses of a Microsoft Form."""

    name = "microsoft-forms"
    identity = identities(
        email="""email emailadresse adressedemessagerie courriel correoelectronico correo postaelettronica
        indirizzoemail emailadres adresemail""",
        name="name nom nombre nome naam nazwa imieinazwisko fullname yourname",
    )
    known = (
        _STARTS
        | _ENDS
        | frozenset(
            """id totalpoints quizfeedback gradepostedtime lastmodifiedtime language gesamtpunktzahl
            gesamtpunkte quizfeedback zeitderletztenanderung uhrzeitderletztenanderung totaldespoints
            commentairessurlequestionnaire puntostotales totaldepuntos comentariosdelcuestionario
            puntitotali totalepunti commentisultest totaldepontos pontostotais totaalaantalpunten
            feedbackoverquiz sumapunktow""".split()
        )
    )

    def recognises(self, head: Sequence[str]) -> bool:
        words = {fold(cell) for cell in head}
        timed = bool(words & _STARTS) + bool(words & _ENDS)
        return timed > 1 or ("id" in words and (timed > 0 or len(_beside(head)) > 1))

    def silent(self, head: Sequence[str]) -> set[int]:
        return _beside(head)

    def student(self, ids: Mapping[str, str]) -> str:
        known = {key: value for key, value in ids.items() if fold(value) not in ("anonymous", "anonym")}
        return super().student(known)


def _beside(head: Sequence[str]) -> set[int]:
    """The places of `Points - QUESTION` and the like: of words behind a dash that head another column."""
    words = {" ".join(cell.split()) for cell in head}
    return {
        at
        for at, cell in enumerate(head)
        if (behind := _BESIDE.fullmatch(" ".join(cell.split()))) and behind[1] in words
    }
