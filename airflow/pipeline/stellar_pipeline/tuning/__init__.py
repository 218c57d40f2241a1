"""Look for better settings of the model, family by family, with Optuna; every trial is a run in MLflow.

- ``families``   what can be tuned: boosted trees and networks, and over which ranges
- ``trial``      one trial: cross-validation of one family with some settings, fold by fold
- ``record``     its run in MLflow: parameters, metrics, plots
- ``study``      many trials, in parallel, kept in a file, to go on with later
- ``best``       what was found, where training takes it from
- ``cli``        ``stellar tune``
"""
