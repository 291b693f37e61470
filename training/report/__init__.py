"""What an artifact tells people: the files of its `report/` folder, and the page made of them.

    folder                write_report: metrics, tables, history, pictures, card
      ├─ card                 the model card in Markdown
      │    ├─ results             numbers beside those of the baselines, with glossary
      │    ├─ precision           what it lost by being quantized
      │    ├─ settings            how it was trained
      │    ├─ interface           inputs and answers
      │    └─ markdown            tables and the like
      └─ pictures             which there are
           ├─ curves, baselines
           ├─ confusion, reliability, samples     of classifiers
           ├─ residuals, groups, intervals        of regressors
           └─ style               sizes, fonts, colours of all
    run, layers           all that a report is made from
    page                  card and pictures as one HTML page

What was written is shown without TensorFlow, so none of it is imported before a model must be described.
"""

from training.report.folder import write_bare_report, write_description, write_report
from training.report.layers import Layer, describe
from training.report.precision import bare_precision_section
from training.report.run import Run

__all__ = [
    "Layer",
    "Run",
    "bare_precision_section",
    "describe",
    "write_bare_report",
    "write_description",
    "write_report",
]
