"""A test file of otter-grader that archcalc marks with: it lies in the folder ``tests`` of an assignment.

The notebook sets ``output`` and ``params``, as texts or as numbers. A test that fails shows the hint.
"""

from otter.test_files import test_case

import archcalc

OK_FORMAT = False

name = "q1"
points = None

LAYER = "32x32x3 -> conv 5x5 10 pad=2"


@test_case(points=1, hidden=False)
def test_output(output):
    answer = archcalc.check(LAYER, "output", output)
    assert answer.right, answer.hint


@test_case(points=2, hidden=False)
def test_params(params):
    answer = archcalc.check(LAYER, "params", params)
    assert answer.right, answer.hint
