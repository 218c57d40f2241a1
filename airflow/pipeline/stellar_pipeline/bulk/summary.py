"""What a run found: counts, and where the input has classes of its own, how the two agree."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stellar.schema import CLASSES


@dataclass
class Summary:
    """Counts of rows. ``confusion[true][answered]`` counts those whose class the input tells."""

    rows: int = 0
    classified: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    spectroscopic: int = 0
    photometric: int = 0
    unsure: int = 0
    unreliable: int = 0
    unusual: int = 0
    refused: int = 0
    unreadable: int = 0
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, places: NDArray[np.int8], truths: NDArray[np.int8] | None) -> None:
        """Add a batch: places of classes, -1 where there is none."""
        for place, name in enumerate(CLASSES):
            self.classified[name] += int((places == place).sum())
        if truths is None:
            return
        known = (places >= 0) & (truths >= 0)
        pairs = np.bincount(truths[known].astype(int) * len(CLASSES) + places[known], minlength=len(CLASSES) ** 2)
        for place, number in enumerate(pairs.tolist()):
            self.compare(CLASSES[place // len(CLASSES)], CLASSES[place % len(CLASSES)], number)

    def compare(self, true: str, answered: str, number: int) -> None:
        """Add rows of one class that were all given the same answer."""
        if not self.confusion:
            self.confusion = {name: dict.fromkeys(CLASSES, 0) for name in CLASSES}
        self.confusion[true][answered] += number

    @classmethod
    def counts(cls) -> list[str]:
        """The names of what is one number."""
        return [each.name for each in fields(cls) if each.default == 0]

    @property
    def accuracy(self) -> float | None:
        """The share of answers that the input's classes agree with."""
        total = sum(sum(row.values()) for row in self.confusion.values())
        return sum(row[name] for name, row in self.confusion.items()) / total if total else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "accuracy": self.accuracy}
