"""Closed loop: clock, plant (power to SoC), belief (what is known now), protocol (arrive, reserve, depart)."""
