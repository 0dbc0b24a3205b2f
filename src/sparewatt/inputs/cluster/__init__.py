"""Inputs of the cluster study: workbooks, CSV folders, sessions and diaries into hubs and fleets."""
