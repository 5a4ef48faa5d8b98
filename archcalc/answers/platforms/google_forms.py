"""Google Forms: the responses of a form, with columns of scores and feedback where it is a quiz."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..sheets.names import IDENTITY, QuestionNames
from .base import PlatformTable, Roles, identities
from .heads import fold

_TIMES = frozenset(
    """timestamp zeitstempel horodateur marcatemporal informazionicronologiche carimbodedatahora
    tijdstempel sygnaturaczasowa""".split()
)
_BEHIND = re.compile(r"\[[^\[\]]{1,30}\]$")


_IDENTITY = {
    **{fold(word): key for word, key in IDENTITY.items()},
    **identities(
        email="""username nutzername emailaddress emailadresse adresseemail nomdutilisateur
        direcciondecorreoelectronico nombredeusuario indirizzoemail nomeutente enderecodeemail nomedeusuario
        emailadres gebruikersnaam adresemail nazwauzytkownika""",
        name="yourname yourfullname namevorname namenom",
    ),
}


# Parts of what a form asks a student about the student, in the order in which they count.
_PARTS = {
    "email": "email",
    "matrikel": "id",
    "matricul": "id",
    "matricol": "id",
    "studentid": "id",
    "studentnumber": "id",
    "idnumber": "id",
    "vorname": "name",
    "name": "name",
    "nombre": "name",
    "prenom": "name",
    "nominativo": "name",
    "naam": "name",
}
# Letters of such a question, at most.
_LONGEST = 40


class Platform(PlatformTable):
    """The responses of a Google Form."""

    name = "google-forms"
    identity = _IDENTITY
    known = _TIMES | frozenset(
        """totalscore score gesamtpunktzahl punktzahl punkte scoretotal notetotale puntuaciontotal
        puntuacion punteggiototale punteggio pontuacaototal pontuacao totalescore lacznywynik wynik""".split()
    )

    def recognises(self, head: Sequence[str]) -> bool:
        return fold(head[0]) in _TIMES

    def questions(self, asked: Mapping[int, str], found: Roles, names: QuestionNames) -> None:
        super().questions(asked, found, names)
        for at, cell in asked.items():
            words = fold(cell)
            if at in found.questions or at in found.unsure or len(words) > _LONGEST:
                continue
            key = next((key for part, key in _PARTS.items() if part in words), "")
            if key and key not in found.ids.values():
                found.ids[at] = key

    def silent(self, head: Sequence[str]) -> set[int]:
        words = {" ".join(cell.split()) for cell in head}
        return {
            at
            for at, cell in enumerate(head)
            if (end := _BEHIND.search(cell)) and " ".join(cell[: end.start()].split()) in words
        }
