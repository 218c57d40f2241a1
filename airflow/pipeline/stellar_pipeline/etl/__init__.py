"""From a catalogue file to training data, in four stages that each leave Parquet in S3 or a folder.

- ``obtain``       raw/            the rows as they come
- ``preprocess``   preprocessed/   without sentinels, impossible values and duplicates; ``quality`` reports
- ``split``        train/, test/   stratified 70/30 (module ``parts``)
- ``standardise``  standardised/   the model's input on one scale, and ``data_star.json``

A stage takes the root and gives a record that JSON can say. ``stage`` skips what is already there; ``tables`` reads and
writes batches; ``chain`` runs the stages in order.
"""

from stellar_pipeline.etl.obtain import obtain
from stellar_pipeline.etl.parts import split
from stellar_pipeline.etl.preprocess import preprocess
from stellar_pipeline.etl.standardise import standardise

__all__ = ["obtain", "preprocess", "split", "standardise"]
