"""Parameters, conditions, loops and intrinsic functions: what a template says once its values are known."""
