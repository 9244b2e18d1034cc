"""What can go wrong outside our code when a local stack is started."""


class StackError(Exception):
    """The stack cannot do what was asked; the message is one sentence that tells the reader what to do about it."""
