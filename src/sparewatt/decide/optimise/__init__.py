"""Deciders that optimise: matrix builder, HiGHS, one module per formulation."""
