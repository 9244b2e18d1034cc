"""A development OIDC issuer: it signs whatever it is asked to sign, so it must never be reachable from outside.

It stands in for the identity provider of a city: discovery, JWKS, the client-credentials grant, and keys that rotate.
Who holds the client secret, which is random for every start of a stack, may ask for any subject, role and unit.
"""

import argparse
import hmac
import os
import time
import uuid
from typing import Annotated, Any
from urllib.parse import parse_qs

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from jwt.algorithms import RSAAlgorithm
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

AUDIENCE = "qingcheng"
ALGORITHM = "RS256"


class SigningKey:
    """An RSA key made at start, with its public half as a JWK."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = uuid.uuid4().hex
        public: dict[str, Any] = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        self.jwk = public | {"kid": self.kid, "use": "sig", "alg": ALGORITHM}


class TokenRequest(BaseModel):
    """The form of `POST /token`. `sub`, `roles`, `unit`, `ttl` and `audience` exist only in this development issuer.

    `ttl`: seconds until the token expires; negative for a token that has already expired.
    """

    grant_type: str
    client_id: str = Field(min_length=1)
    client_secret: str
    sub: str | None = None
    roles: Annotated[list[str], BeforeValidator(str.split)] = ["service"]
    unit: str | None = None
    ttl: int = 3600
    audience: str = AUDIENCE

    def claims(self, issuer: str) -> dict[str, object]:
        """The claims of the token that answers this request."""
        now = int(time.time())
        return {
            "iss": issuer,
            "aud": self.audience,
            "sub": self.sub or self.client_id,
            "iat": min(now, now + self.ttl),
            "exp": now + self.ttl,
            "roles": self.roles,
            "unit": self.unit,
        }


def create_app(issuer: str, client_secret: str) -> FastAPI:
    """The issuer at the URL `issuer`; clients authenticate with `client_secret`."""
    app = FastAPI(title="Development OIDC issuer")
    keys = [SigningKey()]

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, object]:
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/jwks",
            "token_endpoint": f"{issuer}/token",
            "grant_types_supported": ["client_credentials"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }

    @app.get("/jwks")
    async def jwks() -> dict[str, object]:
        return {"keys": [key.jwk for key in keys]}

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}
        try:
            asked = TokenRequest.model_validate(form)
        except ValidationError as error:
            return _refused(400, "invalid_request", str(error))
        if asked.grant_type != "client_credentials":
            return _refused(400, "unsupported_grant_type", "only client_credentials")
        if not hmac.compare_digest(asked.client_secret.encode(), client_secret.encode()):
            return _refused(401, "invalid_client", "wrong client secret")
        key = keys[-1]
        signed = jwt.encode(asked.claims(issuer), key.private, ALGORITHM, headers={"kid": key.kid})
        answer = {"access_token": signed, "token_type": "Bearer", "expires_in": asked.ttl}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    @app.post("/rotate")
    async def rotate() -> dict[str, str]:
        """Sign with a new key from now on; tokens of the old ones stay valid."""
        keys.append(SigningKey())
        return {"kid": keys[-1].kid}

    return app


def _refused(status: int, error: str, description: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status)


def main() -> None:
    """Serve on 127.0.0.1; the client secret comes from `CLIENT_SECRET`."""
    parser = argparse.ArgumentParser(prog="python -m stack.issuer", description="Development OIDC issuer")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    app = create_app(f"http://127.0.0.1:{port}", os.environ["CLIENT_SECRET"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
