"""Sparewatt finds the spare watts of a site, hub, street or roof and fits flexible load into them."""

__version__ = "0.1.0"
