"""Depot inputs: settings, tables, rules, and the run that they describe."""
