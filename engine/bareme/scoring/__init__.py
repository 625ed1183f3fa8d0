"""Evaluators of a plan."""
