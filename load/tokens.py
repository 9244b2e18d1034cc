"""Access tokens: everybody signs in before the load begins and stays signed in, so that no request waits for it."""

from collections.abc import Iterable
from time import monotonic
from urllib.parse import urlencode

import gevent

from load.errors import SettingsError
from load.settings import CLIENT_SECRET, TOKEN_URL, Target
from load.staff import Client, Person, Staff
from load.wire import Unanswered, Wire

LOOK_SECONDS = 5.0
FRESH = 0.7  # part of its life after which a token is replaced
LIFE = 300.0  # seconds, where the issuer does not say


class Tokens:
    """Tokens of the people of ``staff``, by the client-credentials grant at the issuer of ``target``."""

    def __init__(self, target: Target, staff: Staff) -> None:
        self._target = target
        self._staff = staff
        self._wire = Wire(target.token_url)
        self._tokens: dict[Person, str] = {}
        self._old_at: dict[Person, float] = {}
        self._ends_at: dict[Person, float] = {}

    def sign_in(self, people: Iterable[Person]) -> None:
        """Get a token for each of ``people``; raises ``SettingsError`` if the issuer gives none."""
        for person in people:
            self._fetch(person)

    def of(self, person: Person) -> str:
        """The token of somebody, who signs in first if they have none. Raises ``SettingsError``."""
        if self._ends_at.get(person, 0.0) < monotonic():
            self._fetch(person)
        return self._tokens[person]

    def keep_fresh(self) -> None:
        """Replace tokens before they end, until killed."""
        while True:
            gevent.sleep(LOOK_SECONDS)
            for person in [person for person, at in self._old_at.items() if at < monotonic()]:
                try:
                    self._fetch(person)
                except SettingsError:  # the issuer may be away for a while, and the token still has some of its life
                    break

    def _fetch(self, person: Person) -> None:
        target = self._target
        client = self._staff.clients.get(person.id, Client(target.client_id, target.client_secret))
        form = {
            "grant_type": "client_credentials",
            "client_id": client.id,
            "client_secret": client.secret,
            "sub": person.id,  # this and what follows is for an issuer that signs whatever a test asks for
            "roles": person.role,
            **({"unit": person.unit} if person.unit else {}),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            reply = self._wire.ask("POST", "", urlencode(form).encode(), headers)
        except Unanswered as error:
            raise SettingsError(f"{TOKEN_URL}: {target.token_url} does not answer ({error}).") from error
        token = reply.document.get("access_token")
        if not reply.good or not isinstance(token, str):
            said = reply.document.get("error", "no access_token")
            raise SettingsError(
                f"{TOKEN_URL} answers {reply.status} {said} for {person.id}: is {CLIENT_SECRET} the right one?"
            )
        life = float(reply.document.get("expires_in", LIFE))
        self._tokens[person] = token
        self._old_at[person], self._ends_at[person] = monotonic() + FRESH * life, monotonic() + life
