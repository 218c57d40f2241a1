"""Do objects that are classified now still look like those that the model learnt from?

- ``collect``   recent inputs and their predictions, from Kafka to Parquet
- ``measure``   their population stability index and class mix, as figures and as a page
"""

from stellar_pipeline.drift.collect import collect
from stellar_pipeline.drift.measure import measure

__all__ = ["collect", "measure"]
