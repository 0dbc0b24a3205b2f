"""Inputs of the community study: neighbourhood folders, XML, settings, template."""
