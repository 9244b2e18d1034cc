"""What can go wrong in a run, told apart by who has to do something about it."""


class SettingsError(Exception):
    """Whoever started the run has to change a setting; the message is one sentence that names it."""


class Refused(Exception):
    """A service said no to something that a person may do; ``code`` is that of its problem details."""

    def __init__(self, what: str, status: int, code: str) -> None:
        super().__init__(f"{what}: {status} {code}")
        self.status = status
        self.code = code


class Away(Exception):
    """A service did not answer, or what was waited for did not come, within the patience of a person."""
