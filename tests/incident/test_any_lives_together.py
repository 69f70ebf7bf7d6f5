"""Whatever is asked of several incidents, they stay what a slow and obvious account says."""

from collections import Counter

from an_incident import LEAD, LOGGED, MACHINE, MINUTE, MONDAY
from asked_of_incidents import ALONE, command_of, commands_together, peer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from several_incidents import CALLERS, TOGETHER, Account, Step
from test_any_life import DECIDER, pending, row_of, shown, stored_and_read_again, what_waits

from deskstream.decider import Occasion, Refusal
from incident.commands.family import NoteChildLeft
from incident.decider.state import Child, Merged, Parent
from incident.events.ending import IncidentResolved
from incident.events.family import LeftParent
from incident.policies import resolving_with, taking_leave

MANY = 8
WATCHERS = ("Carol", "Frank", *CALLERS)


class Lives(RuleBasedStateMachine):
    """Incidents as their events leave them, beside the account of them."""

    def __init__(self):
        super().__init__()
        self.account, self.histories, self.states = Account(), [], []
        self.to_follow, self.now = [], MONDAY

    def facts_of(self, nth, command, by=LEAD):
        return DECIDER.decide(command, Occasion(by, self.now), self.states[nth])

    def happen(self, nth, facts):
        for fact in facts:
            dated = fact if fact.at else fact.model_copy(update={"at": self.now})
            self.histories[nth].append(dated)
            self.states[nth] = DECIDER.evolve(self.states[nth], dated)
            if isinstance(dated, LeftParent):
                self.to_follow.append(("left", nth, dated))
            if isinstance(dated, IncidentResolved):
                self.to_follow.append(("resolved", nth, dated))

    def ask(self, step, commands):
        """All of it happens, or nothing, as the account says."""
        decided = [(nth, self.facts_of(nth, command)) for nth, command in commands]
        refused = [facts for _, facts in decided if isinstance(facts, Refusal)]
        assert self.account.ask(step) is not bool(refused), (step, refused)
        if not refused:
            for nth, facts in decided:
                self.happen(nth, facts)
        self.now += MINUTE

    def peer(self, nth):
        return peer(nth, self.states[nth].report.caller)

    def drawn(self, data):
        return data.draw(st.integers(0, len(self.states) - 1))

    @precondition(lambda self: len(self.states) < MANY)
    @rule(caller=st.sampled_from(list(CALLERS)))
    def log(self, caller):
        one = peer(len(self.states), caller)
        told = {"number": one.number, "caller": caller, "organisation": one.organisation}
        logged = LOGGED.model_copy(update={**told, "on_behalf_of": None, "at": self.now})
        self.histories.append([])
        self.states.append(DECIDER.initial)
        self.happen(len(self.states) - 1, [logged])
        assert self.account.ask(Step("log", len(self.states) - 1, said=caller))

    @precondition(lambda self: self.states)
    @rule(data=st.data(), kind=st.sampled_from(list(ALONE)), who=st.sampled_from(WATCHERS))
    def ask_of_one(self, data, kind, who):
        nth = self.drawn(data)
        said = {"watch": who, "unwatch": who, "link": "PRB0000001", "unlink": "PRB0000001"}
        step = Step(kind, nth, said=said.get(kind, f"Said at {self.now}."))
        self.ask(step, [(nth, command_of(step))])

    @precondition(lambda self: len(self.states) > 1)
    @rule(data=st.data(), kind=st.sampled_from(list(TOGETHER)), independent=st.booleans())
    def ask_of_two(self, data, kind, independent):
        one, other = self.drawn(data), self.drawn(data)
        step = Step(kind, one, other, "independent" if independent else "")
        moving = self.states[one].moving
        both = commands_together(step, self.peer(one), self.peer(other), moving)
        self.ask(step, zip((one, other), both, strict=True))

    @precondition(lambda self: self.to_follow)
    @rule()
    def what_follows_by_itself(self):
        self.follow()

    def follow(self):
        what, nth, fact = self.to_follow.pop(0)
        self.account.follow()
        if what == "left":
            intent = taking_leave(self.peer(nth).ref, fact)
            assert isinstance(intent.command, NoteChildLeft)
            parent = fact.parent.id.int - 1
            self.happen(parent, self.facts_of(parent, intent.command, MACHINE))
        elif (resolution := self.states[nth].resolution) and resolution.at == fact.at:
            command = resolving_with(self.peer(nth), fact)
            for child in self.children_of(nth):
                self.happen(child, self.facts_of(child, command, MACHINE))

    def children_of(self, nth):
        number = self.states[nth].report.number
        return [
            child
            for child, state in enumerate(self.states)
            if isinstance(state.family, Child) and state.family.parent.number == number
        ]

    @invariant()
    def each_is_as_the_account_says(self):
        for state, ticket in zip(self.states, self.account.tickets, strict=True):
            family, own = state.family, state.belongings
            assert state.status == ticket.status
            assert (state.major or "") == ticket.major
            parent = family.parent.id.int - 1 if isinstance(family, Child) else None
            assert parent == ticket.parent
            assert (isinstance(family, Child) and family.independent) == ticket.independent
            children = family.children if isinstance(family, Parent) else 0
            assert children == len(ticket.children)
            merged = state.phase.into.id.int - 1 if isinstance(state.phase, Merged) else None
            assert merged == ticket.merged_into
            assert {to for _, to in state.links} == ticket.links
            assert [one.text for one in own.comments] == ticket.comments
            assert [one.text for one in own.notes] == ticket.notes
            assert sum(one.minutes for one in own.efforts) == ticket.minutes
            assert own.watchers - {ticket.caller} == ticket.watchers

    @invariant()
    def there_is_one_level(self):
        for nth, state in enumerate(self.states):
            assert not (isinstance(state.family, Child) and self.children_of(nth))

    @invariant()
    def nothing_that_was_said_is_lost_or_told_twice(self):
        heads = [one for one in self.account.tickets if one.merged_into is None]
        for name in ("comments", "notes"):
            told = Counter(said for one in heads for said in getattr(one, name))
            every = {said for one in self.account.tickets for said in getattr(one, name)}
            assert told == Counter(every)

    def teardown(self):
        while self.to_follow:
            self.follow()
        self.each_is_as_the_account_says()
        for nth, (history, state) in enumerate(zip(self.histories, self.states, strict=True)):
            joined = state.family.children if isinstance(state.family, Parent) else 0
            assert joined == len(self.children_of(nth))
            assert DECIDER.fold(stored_and_read_again(history)) == state
            assert row_of(history) == shown(state)
            assert pending(history) == what_waits(state)
            resolved = [fact.text for fact in history if isinstance(fact, IncidentResolved)]
            assert not resolved or resolved[-1] == self.account.tickets[nth].text


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
