"""Questions that are set: from a quiz as it is, from templates with ranges, from a network.

A ``PosedQuiz`` holds variants of one quiz, each with its questions; ``report/quizzes`` writes it.
"""
