"""Estimation of tastes from real choices, by well-kept estimators."""
