"""Tables of questions, options, points and weights, to the text of rules; pure."""

from bareme.questionnaire.choices import Choices, WrongChoice
from bareme.questionnaire.rules import Written, write_rules

__all__ = ["Choices", "Written", "WrongChoice", "write_rules"]
