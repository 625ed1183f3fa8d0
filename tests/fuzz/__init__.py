"""Hostile inputs by the thousand: whatever is read, the answer is a result or a located message.

    make fuzz                                                 all readers, as long as it takes
    PYTHONPATH=tests python -m fuzz --reader rules --seconds 60

A reader joins with one line in `readers.READERS` and a folder of small hostile files in `corpus/`.
Whatever is found to escape or to take too long is kept there.
"""
