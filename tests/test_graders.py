"""archcalc inside of other graders: the examples for PrairieLearn and otter-grader do what their
documentation asks of such files, on stand-ins that call them as it says."""

from __future__ import annotations

import inspect
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def question_data(seed: int) -> dict[str, Any]:
    """What PrairieLearn hands to ``server.py`` of a new variant."""
    keys = "params correct_answers submitted_answers format_errors partial_scores feedback".split()
    return {**{key: {} for key in keys}, "score": 0, "variant_seed": seed}


def submit(server: dict[str, Any], data: dict[str, Any], **answers: str) -> dict[str, Any]:
    """A submission, as PrairieLearn runs it: no grade where a format is wrong."""
    data = {**data, "submitted_answers": answers, "format_errors": {}, "partial_scores": {}, "feedback": {}}
    server["parse"](data)
    if not data["format_errors"]:
        server["grade"](data)
    return data


def test_prairielearn() -> None:
    """Defeats: a variant that differs from run to run; a key in the feedback; points for what is wrong; an
    answer that nobody can read marked wrong."""
    server = runpy.run_path(str(EXAMPLES / "prairielearn" / "server.py"))
    page = (EXAMPLES / "prairielearn" / "question.html").read_text("utf-8")
    for seed in range(12):
        data, again = question_data(seed), question_data(seed)
        server["generate"](data)
        server["generate"](again)
        assert data == again
        right = dict(data["correct_answers"])
        assert all(f'answers-name="{name}"' in page for name in right)
        assert submit(server, data, **right)["score"] == 1
        half = submit(server, data, output=right["output"], params="1")
        assert half["score"] == pytest.approx(1 / 3)
        assert half["partial_scores"]["params"]["score"] == 0
        assert half["feedback"]["params"].startswith("not yet")
        assert right["params"] not in half["feedback"]["params"]
        assert set(submit(server, data, output=right["output"], params="7 or 8")["format_errors"]) == {
            "params"
        }
    assert submit(server, data)["score"] == 0  # nothing was submitted


def otter_results(path: Path, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What otter-grader makes of a test file in the exception-based format: each test case gets the
    globals of the notebook that its arguments name, and what it raises is shown."""
    cases: list[Callable[..., None]] = []

    def test_case(**how: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
        assert set(how) <= {"name", "points", "hidden", "success_message", "failure_message"}
        return lambda function: cases.append(function) or function

    otter, files = ModuleType("otter"), ModuleType("otter.test_files")
    files.test_case = test_case  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "otter", otter)
    monkeypatch.setitem(sys.modules, "otter.test_files", files)
    module = runpy.run_path(str(path))
    assert module["OK_FORMAT"] is False
    assert module["name"] == path.stem
    found = {}
    for case in cases:
        try:
            case(*[names[name] for name in inspect.signature(case).parameters])
            found[case.__name__] = ""
        except AssertionError as error:
            found[case.__name__] = str(error)
    return found


def test_otter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: numbers of a notebook that only texts are read as; a failure without a hint."""
    path = EXAMPLES / "otter" / "q1.py"
    good = {"output": (32, 32, 10), "params": 760}
    assert otter_results(path, good, monkeypatch) == {"test_output": "", "test_params": ""}
    found = otter_results(path, {"output": "32x32x10", "params": "750"}, monkeypatch)
    assert found["test_output"] == ""
    assert found["test_params"].splitlines()[0].startswith("not yet: Is there anything in a filter")
    assert "760" not in found["test_params"]
