"""From a catalogue to a model that can be served: plain functions, which the command line and the DAGs call.

- ``data``      catalogues read, cleaned, fetched, made up and split
- ``etl``       training data in stages, in a folder or S3 (``object_store``)
- ``model``     features, training, calibration, evaluation and the ONNX graph
- ``tracking``  what MLflow keeps: runs, versions, lineage
- ``tuning``    better settings, by ``stellar tune``
- ``release``   a challenger, its comparison with the champion, promotion and rollback
- ``drift``     recent objects against the training rows
- ``reading``   one reader for all formats of catalogues; ``bulk`` classifies whole ones
- ``reports``   figures and pages
- ``cli``       the commands
"""
