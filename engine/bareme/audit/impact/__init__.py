"""What moves between two states of rules and answers, and which edit moved it.

`edits` names the edits between two plans, `union` puts any of them into force, `entities` does so
for what one entity answered, `shares` divides what moved among them.
"""
