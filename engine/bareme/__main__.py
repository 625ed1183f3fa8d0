"""`python -m bareme`."""

from bareme.cli import main

main()
