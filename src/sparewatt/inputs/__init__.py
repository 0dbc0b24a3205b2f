"""Files and tables to model; the only floor that parses."""
