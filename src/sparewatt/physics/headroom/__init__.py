"""Headroom: zonal quantities, limits by fit and by power flow, headroom, daily profiles."""
