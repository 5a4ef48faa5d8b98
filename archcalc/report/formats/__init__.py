"""Answers for programs and documents: JSON, flat tables, Markdown, LaTeX, HTML."""
