"""Sheets of workbooks and CSV files: columns by header, cells with or without types, read and checked."""
