"""What the score of one entity may read beyond its profile: the other entities, earlier editions.

Only what stands in place of a missing part is read from there. It is worked out once a cohort and
kept with every trace, so that a trace can be replayed without the cohort.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction

from bareme.methods.aggregation import arithmetic_mean
from bareme.methods.missing import ALL, policy_named
from bareme.plan import Aggregate, Plan
from bareme.profiles.profile import Profile
from bareme.record import Record
from bareme.source import Span


class Averaged(Record):
    """The mean score that the entities of a group have of a part.

    Attributes:
        group: its id; `ALL` for the whole cohort.
        label: of the group, that the entities share; empty for the whole cohort.
        entities: how many have a score.
        partial: whether entities are lacking in the cohort.
    """

    score: Fraction
    rests_on_given: bool
    group: str
    label: str
    entities: int
    partial: bool


class Carried(Record):
    """The last score of a part that is known, of an earlier edition.

    Attributes:
        span: where it was recorded, or the profile of that edition.
    """

    score: Fraction
    rests_on_given: bool
    edition: str
    span: Span = field(compare=False, repr=False)


Imputed = Averaged | Carried
"""What stands in place of a missing part, and where it comes from."""


class Known(Record):
    """A score of a part that an entity of the cohort has."""

    label: str  # of the group
    score: Fraction
    rests_on_given: bool


class Average(Record):
    """The scores of one part by a group.

    Attributes:
        known: by entity.
    """

    group: str
    partial: bool
    known: Mapping[str, Known]
    _means: dict[str, Averaged | None] = field(default_factory=dict, compare=False, repr=False)

    def for_entity(self, profile: Profile) -> Averaged | None:
        """The mean of the other entities of its group; None where none has a score.

        It has a score itself where another answer is tried, by which it has none.

        Raises:
            TooManyBits: where the mean would be too long to compute with.
        """
        label = label_of(profile, self.group)
        if label is None:
            return None
        if profile.entity in self.known:
            return self._mean(label, profile.entity)
        if label not in self._means:
            self._means[label] = self._mean(label)
        return self._means[label]

    def _mean(self, label: str, but: str | None = None) -> Averaged | None:
        """The plain mean of the scores of one label, of all entities but one."""
        scored = [
            each for entity, each in self.known.items() if each.label == label and entity != but
        ]
        if not scored:
            return None
        mean = arithmetic_mean([each.score for each in scored], [Fraction(1)] * len(scored))
        rests = any(each.rests_on_given for each in scored)
        return Averaged(mean, rests, self.group, label, len(scored), self.partial)


class Surroundings(Record):
    """What the scores of a cohort may read beyond each profile.

    Attributes:
        partial: whether entities are lacking in the cohort.
        averages: by the step of a part and the group.
        carried: by the step of a part, then by entity: the last known score of earlier editions.
    """

    partial: bool = False
    averages: Mapping[tuple[int, str], Average] = field(default_factory=dict)
    carried: Mapping[int, Mapping[str, Carried]] = field(default_factory=dict)

    def imputed(self, number: int, policy: str, profile: Profile) -> Imputed | None:
        """What a missing part of an entity counts as by a policy; None where nothing is known."""
        read = policy_named(policy)
        if read.average_of is not None:
            average = self.averages.get((number, read.average_of))
            return average.for_entity(profile) if average else None
        return self.carried.get(number, {}).get(profile.entity) if read.carries else None


ALONE = Surroundings()
"""Of an entity by itself: nothing else is known."""


def label_of(profile: Profile, group: str) -> str | None:
    """What an entity is of a group; None where its profile does not say."""
    return "" if group == ALL else profile.groups.get(group)


def averaged(step: Aggregate) -> str | None:
    """The group that the missing parts of a step are averaged over, if they are."""
    return policy_named(step.when_missing.value).average_of


def carried_parts(plan: Plan) -> frozenset[int]:
    """The steps whose scores are carried forward to later editions."""
    return frozenset(
        part.step
        for step in plan.steps
        if isinstance(step, Aggregate) and policy_named(step.when_missing.value).carries
        for part in step.parts
    )
