"""Scenarios, sweeps and claims: many runs that answer one question."""
