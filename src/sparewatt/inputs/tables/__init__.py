"""Tables of text (CSV files, databases): records with the row a person sees, and their cells read."""
