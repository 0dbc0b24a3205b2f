"""The judge; never imports decide."""
