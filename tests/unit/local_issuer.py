"""An OIDC issuer on loopback: real HTTP, real RSA keys, keys that can be exchanged, and outages."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class LocalIssuer:
    """Serves discovery, keys and client-credential tokens; ``requests`` counts what was asked for."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.last_form: dict[str, list[str]] = {}
        self.token_seconds = 600
        self.is_down = False
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.add_key("key-1")
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests[self.path] += 1
                self.answer(issuer.document(self.path))

            def do_POST(self) -> None:
                issuer.requests[self.path] += 1
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                issuer.last_form = parse_qs(form)
                token = issuer.token(sub=f"service-{issuer.requests[self.path]}", roles=["service"])
                self.answer({"access_token": token, "token_type": "Bearer", "expires_in": issuer.token_seconds})

            def answer(self, document: dict[str, Any]) -> None:
                content = json.dumps(document).encode()
                self.send_response(503 if issuer.is_down else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add_key(self, key_id: str) -> None:
        self.keys[key_id] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def document(self, path: str) -> dict[str, Any]:
        if path == "/jwks":
            return {"keys": [self._public(key_id) for key_id in self.keys]}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", "token_endpoint": f"{self.url}/token"}

    def _public(self, key_id: str) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[key_id].public_key(), as_dict=True)
        return {**public, "kid": key_id, "use": "sig", "alg": "RS256"}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims of an agent, with changes; a claim set to None is left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": "qingcheng", "sub": "agent-7", "iat": now, "exp": now + 600}
        claims = {**good, "roles": ["agent"], "unit": "S150105004", **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, kid: str = "key-1", key: rsa.RSAPrivateKey | None = None, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), key or self.keys[kid], "RS256", headers={"kid": kid})
