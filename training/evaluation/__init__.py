"""What answers to the test rows are worth, in plain NumPy: models and baselines are judged by the same code.

evaluation            all that is said about a model, with its contenders
  ├─ classification       accuracy and log loss; tables by class
  │    ├─ probabilities       of two classes as of many
  │    └─ calibration         whether they mean what they say, and one temperature that makes them
  └─ regression           errors and prediction intervals; tables by field
comparison            whether a model is better than another on the same rows
bootstrap             the 95 % intervals of all these
conformal             scales prediction intervals until they hold
gate                  what a model must reach to be stored
findings              a number with its interval, a table
"""
