"""Text of rules to a syntax tree; the only room that knows Lark."""

VERSION = 1
"""Of the language: rules of one version mean the same to every Barème that reads that version."""
