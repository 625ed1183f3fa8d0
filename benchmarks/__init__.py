"""How fast Barème is, beside what one would use in its place: `python -m benchmarks`."""
