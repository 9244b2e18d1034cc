"""Who acts in mediation, as the rules see them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Staff:
    """Who acts. The centre's clerk 窗口 touches every case, a mediator only his own."""

    id: str
    clerk: bool
