"""Kernels as steps of a plan: what they are called with, one entry into all, and the driver that plays them; no science."""
