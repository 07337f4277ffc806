"""The event log: one line for each thing that happens. Everybody calls these helpers; nobody reads them."""

import logging

_events = logging.getLogger("selfservice.events")
_figures = logging.getLogger("selfservice.figures")


def record_event(event, **fields):
    """Write an event with what belongs to it."""
    _events.info("%s %s", event, fields)  # expect: PIL101 phone,email


def record_figure(figure, amount):
    """Write one number."""
    _figures.info("%s=%s", figure, amount)  # ok: every caller passes a number or an id


class StepLog:
    """The steps of one piece of work, written at its end."""

    def __init__(self, work):
        self.work = work
        self.steps = []

    def step(self, text):
        self.steps.append(text)

    def write(self):
        _events.info("%s: %s", self.work, "; ".join(self.steps))  # expect: PIL101 name
