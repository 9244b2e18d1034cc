"""How a rule says no."""


class Rejected(Exception):
    """A rule forbids a command; nothing was changed.

    ``code`` is stable and documented (``order.wrong_status``): callers decide by it. ``message`` is Chinese and
    for people. ``field`` names the part of the input that is at fault, where one is. ``status`` is the HTTP
    status an API answers with: 409 when the state forbids it, 403 when the person may not, 422 when the input
    names something that is not so, 404 when there is no such thing.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, status: int = 409) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.field = field
        self.status = status
