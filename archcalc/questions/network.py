"""Questions about a network: layers and quantities that are worth asking, varied, and with other answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from ..answers.audit import CORE, finding
from ..answers.question import UNFIT
from ..answers.quiz import Quiz, QuizQuestion, QuizSubjects
from ..answers.quiz_item import QuizItem
from ..answers.quiz_reading import parse_quiz
from ..answers.quiz_sources import as_toml
from ..diagnostics import Diagnostic, SpecError, fail
from ..graph import Graph, Layer
from .choices import ChoiceError, drawn_choices
from .drawing import SeededStream, variant_seed
from .posed import PosedQuestion, PosedQuiz, QuizVariant, variant_names
from .value_texts import value_text
from .wording import asked_text

# What is asked of a layer, and of the whole network; in turn, so that a quiz has some of each.
OF_LAYER = ("output", "params", "macs", "rf", "memory")
OF_NETWORK = ("total.params", "total.macs", "total.memory")
# Questions of a quiz at most, and layers that are looked at of one quantity.
MOST_QUESTIONS, MOST_LAYERS = 200, 60


class QuestionCandidate(NamedTuple):
    """A question that may be asked.

    kind    what is asked of which kind of layer: those that were asked less often go first
    blind   how many misconceptions its answer does not show, or does not tell apart
    """

    kind: tuple[str, str]
    question: QuizQuestion
    item: QuizItem
    blind: int


def posed_network(
    target: str, count: int = 8, seed: int = 1, variants: int = 1, choices: int = 0, counter: str = ""
) -> PosedQuiz:
    """A quiz on a network of the zoo, a chain or a spec in a file: so many questions a variant.

    Args:
        target: The network.
        count: Questions of each variant.
        seed: What is drawn.
        variants: How many variants there are.
        choices: Options of each question; 0 for answers that are written.
        counter: The tool as which operations are counted; empty for archcalc itself.

    Raises:
        SpecError: For a target that is none, and for a network of which less is worth asking.
    """
    quiz = network_quiz(target, counter)
    chooser = NetworkQuestions(quiz, target, choices)
    made = []
    for number, name in enumerate(variant_names(variants), 1):
        of_variant = variant_seed(seed, number)
        made.append(QuizVariant(number, name, of_variant, tuple(chooser.chosen(count, of_variant))))
    questions = tuple([one.question for one in made[0].questions])
    return PosedQuiz(quiz._replace(questions=questions), seed, tuple(made))


def network_quiz(target: str, counter: str = "") -> Quiz:
    """The quiz about a network, before any question is chosen; ``counter`` as ``posed_network`` takes it."""
    title = f"Questions about {target}" if "->" not in target else "Questions about a chain of layers"
    return parse_quiz(
        as_toml(
            {
                "title": title,
                "target": target,
                **({"conventions": {"counter": counter}} if counter else {}),
                "question": [{"id": "1", "ask": "total.params"}],
            }
        )
    )


class NetworkQuestions:
    """Chooses questions about one network, and keeps what is worked out of them."""

    def __init__(self, quiz: Quiz, target: str, choices: int):
        self.quiz = quiz
        self.target = target
        self.choices = choices
        self.subjects = QuizSubjects(quiz)
        try:
            self.graph: Graph = self.subjects.networks(target)[0].graph
        except SpecError as error:  # what was typed is no line of a quiz
            raise SpecError([_unplaced(one) for one in error.diagnostics]) from None
        if self.graph.metadata.unsized:
            raise fail("target", "its input has no size, and questions need one", "as in 32x32x3 -> …")
        self._items: dict[str, QuizItem | None] = {}
        self._blind: dict[str, int] = {}
        self._alike = _alike(self.graph)

    def chosen(self, count: int, seed: int) -> Iterator[PosedQuestion]:
        """The questions of a variant. Raises SpecError where there are not so many."""
        stream = SeededStream(f"{seed} network")
        asked: dict[tuple[str, str], int] = {}
        answers: set[str] = set()
        used: set[str] = set()  # layers that were asked about
        found: list[PosedQuestion] = []
        waiting = self._candidates(stream)
        while len(found) < count:
            if not waiting:
                message = f"{len(found)} questions about {self.target} are worth asking, and not {count}"
                raise fail("question", message, f"--count {len(found)}" if found else "a network with layers")
            # What was asked least often so far, then what shows most; draws decide between the rest.
            quantities = {kind[0]: 0 for kind in asked}
            for kind, number in asked.items():
                quantities[kind[0]] += number
            best = min(
                waiting, key=lambda one: (quantities.get(one.kind[0], 0), asked.get(one.kind, 0), one.blind)
            )
            waiting.remove(best)
            posed = self._posed(best, len(found) + 1, answers, stream)
            if posed is not None:
                used.add(best.question.ask.rpartition(".")[0])
                asked[best.kind] = asked.get(best.kind, 0) + 1
                found.append(posed)
        yield from found

    def kinds(self) -> list[tuple[str, str]]:
        """What may be asked of which kind of layer, or of the whole network: a quantity after the other of
        the first kind of layer that has it, then of the second."""
        rows = []
        for quantity in OF_LAYER:
            names = [layer.op.name for layer in self._alike if _worth(layer, quantity)]
            rows.append([(quantity, name) for name in dict.fromkeys(names)])
        rows.append([(ask.partition(".")[2], "total") for ask in self._of_network])
        return [kind for turn in zip_longest(*rows) for kind in turn if kind is not None]

    def of_kind(self, kind: tuple[str, str], stream: SeededStream) -> Iterator[PosedQuestion]:
        """Questions of a kind, in a drawn order; each is worked out when it is come to."""
        quantity, name = kind
        layers = [one for one in self._alike if one.op.name == name and _worth(one, quantity)]
        asks = [f"{layer.name}.{quantity}" for layer in stream.shuffled(layers)[:MOST_LAYERS]]
        for ask in asks if name != "total" else [f"total.{quantity}"]:
            for one in self._candidate(ask, kind):
                posed = self._posed(one, 1, set(), stream)
                if posed is not None:
                    yield posed

    @property
    def _of_network(self) -> Sequence[str]:
        return OF_NETWORK if len(self.graph.layers) > 2 else ()

    def _posed(
        self, one: QuestionCandidate, number: int, answers: set[str], stream: SeededStream
    ) -> PosedQuestion | None:
        item = one.item
        answer = value_text(item.diagnosis.value)
        if answer in answers:
            return None
        question = one.question._replace(id=str(number), choices=self.choices)
        asked = QuizItem(question.id, item.asked)
        asked.diagnosis = item.diagnosis
        posed = PosedQuestion(question, _text(self.target, item), asked)
        try:
            posed = posed._replace(choices=drawn_choices(posed, stream))
        except ChoiceError:
            return None
        answers.add(answer)
        return posed

    def _candidates(self, stream: SeededStream) -> list[QuestionCandidate]:
        """Questions in a drawn order: of equal layers one."""
        layers = stream.shuffled(self._alike)
        found: list[QuestionCandidate] = []
        for quantity in OF_LAYER:
            for layer in layers[:MOST_LAYERS]:
                if _worth(layer, quantity):
                    found += self._candidate(f"{layer.name}.{quantity}", (quantity, layer.op.name))
        for ask in self._of_network:
            found += self._candidate(ask, (ask.partition(".")[2], "total"))
        return stream.shuffled(found)

    def _candidate(self, ask: str, kind: tuple[str, str]) -> list[QuestionCandidate]:
        question = QuizQuestion("1", self.target, ask)
        if ask not in self._items:
            self._items[ask] = self._item(question)
        item = self._items[ask]
        if item is None:
            return []
        if ask not in self._blind:
            self._blind[ask] = _blindness(question, item)
        return [QuestionCandidate(kind, question, item, self._blind[ask])]

    def _item(self, question: QuizQuestion) -> QuizItem | None:
        """The question worked out; None where nothing can be said of its answers, or it is plain."""
        try:
            item = self.subjects.item(question)
        except SpecError:
            return None
        value = item.diagnosis.value
        if not item.diagnosis.known or value is UNFIT or value in (0, 1):
            return None
        return item if item.diagnosis.singles else None


def _unplaced(one: Diagnostic) -> Diagnostic:
    """A diagnostic without the place in a quiz that nobody has written."""
    if one.span is None or one.span.source.name != "<quiz>":
        return one
    return Diagnostic(one.code, one.message, notes=one.notes, help=one.help)


def _alike(graph: Graph) -> list[Layer]:
    """The layers of a network, of those that do the same to the same volume the first."""
    found: dict[tuple[object, ...], Layer] = {}
    for layer in graph.layers:
        volumes = tuple([tuple(above.output) for above in layer.inputs])
        found.setdefault((repr(layer.op), volumes), layer)
    return list(found.values())


def _worth(layer: Layer, quantity: str) -> bool:
    """Whether a quantity of a layer has to be worked out, and is not read off the text."""
    group = layer.op.group
    if quantity in ("output", "rf"):
        return group in ("convolution", "pooling") and len(layer.output) > 1
    if quantity == "memory":
        return group == "convolution"
    facts = layer.facts
    return bool(facts.macs) if quantity == "macs" else layer.owner is layer and bool(facts.macs)


def _blindness(question: QuizQuestion, item: QuizItem) -> int:
    """How many of the misconceptions that a question is there to find its answer does not tell apart."""
    found = finding(question, item)
    core = CORE.get(item.asked.quantity, {})
    ties = [tie for tie in found.ties if sum(belief.id in core for belief in tie.beliefs) > 1]
    return len(found.blind) + len(ties)


def _text(target: str, item: QuizItem) -> str:
    """The question in words: the layer as the language writes it, and the volume that arrives, where that
    is no part of what is asked."""
    asked = item.asked
    layer = asked.layer
    subject = f"Consider the network `{target}`." if "->" not in target else f"Consider `{target}`."
    if layer is None:
        return f"{subject} {asked_text(asked)}"
    words = f"`{layer.op.describe(layer.op.attributes)}`"
    if asked.quantity == "rf":
        return f"{subject} Its layer `{layer.name}` is {words}. {asked_text(asked)}"
    layout = asked.conventions["layout"]
    arrives = " and ".join([value_text(above.output, layout) for above in layer.inputs])
    return f"{subject} Its layer `{layer.name}` is {words}, and reads {arrives}. {asked_text(asked)}"
