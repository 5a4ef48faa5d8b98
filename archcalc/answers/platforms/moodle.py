"""Moodle: the report of a quiz's responses, in the languages of its heads; the reports of grades are known
as what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..sheets.names import QuestionNames
from ..sheets.tables import Table
from .base import PlatformTable, Roles, identities
from .heads import fold, numbered
from .moodle_parts import with_parts

# `Response 3`, `Antwort 3`, `Right answer 3`.
_NUMBERED = re.compile(r"(\D{2,40}?)\s*(\d{1,3})")
# `Grade/17.00`, `Bewertung/17,00`; of one question `Q. 1 /1.00`.
_GRADE = re.compile(r"[^\d/]{3,30}/\s*\d+(?:[.,]\d+)?")
_GRADES = re.compile(r"\D{1,12}\d{1,3}\s*/\s*\d+(?:[.,]\d+)?")
_RESPONSE = frozenset("response antwort reponse respuesta risposta resposta antwoord odpowiedz".split())
_QUESTION = frozenset("question frage pregunta domanda questao pergunta vraag pytanie".split())
_RIGHT = frozenset(
    """rightanswer richtigeantwort bonnereponse reponsecorrecte reponsejuste respuestacorrecta
    rispostacorretta rispostaesatta respostacorreta respostacerta juisteantwoord goedeantwoord
    correctantwoord poprawnaodpowiedz prawidłowaodpowiedz""".split()
)
_AVERAGE = frozenset(
    """overallaverage gesamtdurchschnitt moyennegenerale moyenneglobale promediogeneral mediageneral
    mediacomplessiva mediagenerale mediageral mediaglobal algemeengemiddelde totaalgemiddelde
    gemiddeldetotaal ogolnasrednia sredniaogolna sredniaogołem ogólnaśrednia""".split()
)
_GRADE_BOOK = frozenset(
    """lastdownloadedfromthiscourse zuletztausdiesemkursgeladen derniertelechargementdececours
    ultimadescargadeestecurso ultimoscaricamentodaquestocorso""".split()
)


class Platform(PlatformTable):
    """Moodle's responses to a quiz."""

    name = "moodle"
    identity = identities(
        last="""lastname surname nachname nomdefamille nom apellido apellidos cognome sobrenome apelido
        achternaam nazwisko""",
        first="firstname vorname prenom nombre nome voornaam imie imię",
        name="fullname vollstandigername nomcomplet nombrecompleto nomecompleto volledigenaam",
        id="""idnumber idnummer matrikelnummer numerodidentification numerodeid numeroid
        codiceidentificativo numerodeidentificacao numerodeidentificacion numerid nrid""",
        login="""username anmeldename nomdutilisateur nombredeusuario nomeutente nomedeutilizador
        nomedousuario gebruikersnaam nazwauzytkownika""",
        email="""emailaddress email emailadresse adressedecourriel adresseemail direcciondecorreo correo
        correoelectronico direcciondecorreoelectronico indirizzoemail enderecodeemail emailadres adresemail
        adreseposta""",
    )
    known = frozenset(
        """institution department state status started startedon completed finished timetaken duration
        timestart timefinish sumgrades abteilung begonnenam begonnen beendet verbrauchtezeit dauer
        departement etat commencele termine tempsutilise duree institucion departamento estado comenzadoel
        finalizado tiemporequerido duracion istituzione dipartimento stato iniziato terminato completato
        tempoimpiegato durata instituicao iniciadaem iniciadoem iniciado completo terminada concluidaem
        concluido tempoutilizado tempogasto duracao instelling afdeling gestartop begonnenop voltooid
        verstrekentijd gebruiktetijd duur instytucja wydział dział stan rozpoczeto ukonczono zakonczono
        wykorzystanyczas czastrwania""".split()
    )

    def recognises(self, head: Sequence[str]) -> bool:
        words = [fold(cell) for cell in head]
        who = sum(word in self.identity for word in words)
        if who and not _GRADE_BOOK.isdisjoint(words):
            return True
        graded = any(_GRADE.fullmatch(cell) for cell in head)
        families = _families(head)
        known = any(family in _RESPONSE for family in families)
        per_question = sum(bool(_GRADES.fullmatch(cell.strip())) for cell in head)
        if graded and per_question > 1 and not known:
            return True
        times = sum(word in self.known for word in words)
        return bool(families) and (graded or (known and who > 0 and times > 0))

    def roles(self, head: Sequence[str], names: QuestionNames) -> Roles:
        found = super().roles(head, names)
        if not _families(head):
            shown = next((cell for cell in head if _GRADES.fullmatch(cell.strip())), "")
            shown = f" (`{' '.join(shown.split())}`)" if shown else ""
            found.why = f"it holds grades{shown} and no answers: export the responses of the quiz"
        graded = next((at for at, cell in enumerate(head) if _GRADE.fullmatch(cell)), 0)
        if not found.ids and graded > 1:  # a language that is not known here has the same order
            found.ids = {0: "last", 1: "first"}
            found.details = {at: head[at] for at in range(2, graded)}
            for places in (found.questions, found.unsure):
                for at in [at for at in places if at < graded]:
                    del places[at]
        return found

    def silent(self, head: Sequence[str]) -> set[int]:
        return {
            at for at, cell in enumerate(head) if _GRADE.fullmatch(cell) or _GRADES.fullmatch(cell.strip())
        } | {at for family, places in _families(head).items() if family in _RIGHT for at in places.values()}

    def questions(self, asked: Mapping[int, str], found: Roles, names: QuestionNames) -> None:
        head = [asked.get(at, "") for at in range(max(asked, default=-1) + 1)]
        families = _families(head)
        answers, words = _roles_of(families)
        responses, worded = families.get(answers, {}), families.get(words, {})
        other = {
            at: cell
            for at, cell in asked.items()
            if all(at not in places.values() for places in families.values())
        }
        super().questions(other, found, names)
        by_number = numbered(list(responses), names)
        for number, at in responses.items():
            if number in by_number:
                found.questions[at] = by_number[number]
            elif number in worded:
                found.unsure[at] = tuple(names.values())
            if number in worded:
                found.worded[at] = worded[number]
                found.silent.add(worded[number])
        for family, places in families.items():
            if family not in (answers, words):
                found.silent.update(places.values())

    def parted(self, table: Table) -> Table:
        return with_parts(table, _numbered_columns(table.head.cells))

    def is_student(self, cells: Sequence[str], roles: Roles) -> bool:
        who = [cells[at] for at in roles.ids if at < len(cells) and cells[at]]
        if any(fold(cell) in _AVERAGE for cell in who):
            return False
        answered = any(cells[at].strip(" -") for at in (*roles.questions, *roles.unsure) if at < len(cells))
        return answered or len(who) != 1 or sum(map(bool, cells)) > len(who) + 1


def _numbered_columns(head: Sequence[str]) -> dict[int, tuple[str, int]]:
    """The columns of a word and a number, by their places."""
    found: dict[int, tuple[str, int]] = {}
    for at, cell in enumerate(head):
        parts = _NUMBERED.fullmatch(cell.strip())
        if parts and fold(parts[1]):
            found[at] = parts[1], int(parts[2])
    return found


def _families(head: Sequence[str]) -> dict[str, dict[int, int]]:
    """The columns of one word and a number, by the folded word, then by the number."""
    found: dict[str, dict[int, int]] = {}
    for at, (word, number) in _numbered_columns(head).items():
        found.setdefault(fold(word), {}).setdefault(number, at)
    return found


def _roles_of(families: Mapping[str, Mapping[int, int]]) -> tuple[str, str]:
    """The word of the columns of answers, and that of what was asked; empty for none. A language that is
    not known here has them in the same order: what was asked, the answer, the right answer."""
    answers = next((family for family in families if family in _RESPONSE), "")
    words = next((family for family in families if family in _QUESTION), "")
    if not answers:
        order = sorted(families, key=lambda family: min(families[family].values()))
        order = [family for family in order if family not in _RIGHT]
        rest = [family for family in order if family != words]
        answers = words if words and not rest else rest[0] if len(rest) == 1 or words else ""
        answers = answers or (order[1] if len(order) > 1 else "")
        words = words if words != answers else ""
        if not words and len(order) > 1 and order[1] == answers:
            words = order[0]
    return answers, words
