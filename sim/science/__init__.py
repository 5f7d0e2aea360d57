"""The science: rules (scalar, cited) and kernels (loops over customers), each named after the mechanism that it serves. No state, no configuration."""
