"""Closed loop: clock, plant (power to SoC), belief (what is known), protocol (arrive, reserve, depart)."""
