"""Results to text: tables, records, explanations. Pure: nothing here opens, prints or asks."""
