"""What the rules can and can never do, whoever answers: proved before anything is scored."""
