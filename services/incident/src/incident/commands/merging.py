"""Incidents that one caller reported twice."""

from deskstream.decider import ToldAfterwards
from incident.terms.related import Belongings, Peer


class MergeInto(ToldAfterwards):
    """End it as a duplicate of another, which takes in what belongs to it."""

    survivor: Peer
    belongings: Belongings


class TakeIn(ToldAfterwards):
    """Go on for a duplicate too, with what belongs to it."""

    duplicate: Peer
    belongings: Belongings


MergingCommand = MergeInto | TakeIn
