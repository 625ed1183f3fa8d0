"""What moves between two states of rules and answers, and which edit moved it.

`edits` is what an edit is; `leaves`, `parts` and `conditions` name those between two steps, and
`differences` all of them. `union` puts any edits between two plans into force, `answers` any of
what one entity answers differently; `shares` divides what moved among them, `index` holds what
moves in one index, and `publication` names the edits of how it is published.
"""
