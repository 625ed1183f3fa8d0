"""Small faults put into the engine one at a time: the tests have to notice each.

    make mutate                                               all modules in turn
    make mutate MODULES="exact results"                       some of them
    PYTHONPATH=tests python -m mutation --again               what the last run left

`mutants` makes the faults, `modules` says which tests look for those of a module, `reached` finds
out which of those reach a line, `run` tries each fault against them, and `judged.txt` holds those
that no test can notice, or need not, each with the reason.

What a run has found out is kept beside it, in `mutation-last.json` and `mutation-reached.json`.
"""
