"""Tests of networks of other tools as workloads."""
