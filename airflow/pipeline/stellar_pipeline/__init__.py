"""From a catalogue to a model that can be served: plain functions, which the command line and the DAGs call.

- ``catalogue``   reads and cleans rows (``columns`` names them)
- ``features``    what the model sees
- ``split``       rows to train on, rows held back
- ``members``     boosted trees and small networks
- ``calibrate``   their blend, as probabilities that mean what they say
- ``evaluate``    how good a model is on rows that it has not seen
- ``training``    all of these, in order
- ``graph``       the model as ONNX; ``artefact`` adds its manifest
- ``synth``       a synthetic catalogue of any size; ``synth_fit`` fits what it draws from
- ``fetch``       real rows from SDSS SkyServer
- ``etl``         training data in stages, in a folder or S3 (``objects``); ``data`` loads them
- ``drift``       recent objects against the training rows (``population``)
- ``explore``     figures of a catalogue; ``page`` is what reports are written on
- ``retrain``     a challenger (``challenger``), ``comparison`` with the champion, ``promotion``, ``smoke`` test
- ``tracking``    the way to MLflow; ``registry``, ``flavours``, ``lineage``, ``plots`` are what is kept there
- ``champions``   the bucket that serving reads; ``versions`` adds what MLflow knows, ``answering`` who answers
- ``tuning``      better settings, by ``stellar tune``
- ``model_cli``   ``stellar model``; ``model_tables`` prints it
- ``cli``         ``stellar train`` and ``stellar data``; ``report`` prints tables
- ``stages_cli``  ``stellar pipeline``
"""
