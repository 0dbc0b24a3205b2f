"""Inputs of the network study: OpenDSS folders, pandapower JSON, SimBench codes, tables of zones."""
