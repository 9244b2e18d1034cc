"""When a person's next step is due, and what is counted from there. Pure: the clock's time is handed in, in seconds."""

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """One issue on its way: the next request is ``due`` at this time of the clock, whoever is busy then.

    A response time counts from there, not from when the request got away. A generator, or a service, that is late with
    one thing cannot hide it from what comes after (no coordinated omission).
    """

    due: float

    def wait(self, now: float) -> float:
        """Seconds until the next request is due; 0 if it is late."""
        return max(0.0, self.due - now)

    def late(self, now: float) -> float:
        """Milliseconds by which the generator is late with a request that it makes ``now``."""
        return max(0.0, now - self.due) * 1000

    def took(self, now: float) -> float:
        """Milliseconds since the request was due, for one that was answered ``now``."""
        return max(0.0, now - self.due) * 1000

    def think(self, now: float, seconds: float) -> None:
        """The next step is due so many ``seconds`` after ``now``."""
        self.due = now + seconds
