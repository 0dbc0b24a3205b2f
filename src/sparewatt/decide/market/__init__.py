"""Market: how producers and jobs of a neighbourhood find each other."""
