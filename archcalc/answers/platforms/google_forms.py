"""Google Forms: the responses of a form, with columns of scores and feedback where it is a quiz."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..sheets.names import IDENTITY
from .base import PlatformTable, identities
from .heads import fold

_TIMES = frozenset(
    """timestamp zeitstempel horodateur marcatemporal informazionicronologiche carimbodedatahora
    tijdstempel sygnaturaczasowa""".split()
)
_BEHIND = re.compile(r"\s*\[[^\[\]]{1,30}\]$")


_IDENTITY = {
    **{fold(word): key for word, key in IDENTITY.items()},
    **identities(
        email="""username nutzername emailaddress emailadresse adresseemail nomdutilisateur
        direcciondecorreoelectronico nombredeusuario indirizzoemail nomeutente enderecodeemail nomedeusuario
        emailadres gebruikersnaam adresemail nazwauzytkownika""",
        name="yourname yourfullname namevorname namenom",
    ),
}


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

    def silent(self, head: Sequence[str]) -> set[int]:
        words = {" ".join(cell.split()) for cell in head}
        return {
            at
            for at, cell in enumerate(head)
            if (end := _BEHIND.search(cell)) and " ".join(cell[: end.start()].split()) in words
        }
