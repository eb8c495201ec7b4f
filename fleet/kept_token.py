"""The token that fleet keeps for an agent, and which server it is for."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from fleet.config import EMBEDDED
from fleet.credentials import Token, parse_token, read_private, save_private
from fleet.protocol.errors import SetupError


class KeptToken:
    """A file for its owner alone, and beside it one that names the server; main thread only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._server = path.with_name(f"{path.name}.server")

    def read(self, server: str) -> Token | None:
        """Read the token for a server; None if none is kept.

        Raises SetupError for one of another server: whoever gets it can play our agent.
        """
        if not self.path.exists():
            return None
        if self._server.exists():
            giver = read_private(self._server, what="name of the token's server")
            if _place(giver) != _place(server):
                raise SetupError(
                    f"The token in {self.path} is for {_shown(giver)}, not for {_shown(server)}; "
                    "choose another --data-dir, or give a token. If both are one server, delete "
                    f"{self._server.name}."
                )
        return parse_token(read_private(self.path, what="token file"), where=str(self.path))

    def expect(self, server: str) -> None:
        """Get ready to keep a token of a server: what is registered without is lost.

        Raises SetupError where nothing can be written.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            save_private(self._server, server)
        except OSError as error:
            raise SetupError(
                f"{self.path.parent} takes no token ({error.strerror}); make room or let yourself "
                "write there, and start again."
            ) from error

    def give_up(self) -> None:
        """Leave nothing of what was got ready, where no token came."""
        if not self.path.exists():
            with suppress(OSError):
                self._server.unlink()
                self.path.parent.rmdir()

    def save(self, token: Token) -> None:
        """Keep a new token of the expected server; the one before stays beside it.

        Raises SetupError.
        """
        try:
            if self.path.exists():
                # It may be the only copy that there is.
                self.path.replace(self.path.with_name(f"{self.path.name}.before"))
            save_private(self.path, token.text)
        except OSError as error:
            raise SetupError(
                f"The agent is registered, but its token cannot be kept in {self.path} "
                f"({error.strerror}); register another one with --agent."
            ) from error


def _place(server: str) -> str:
    """Name who would get the token; a simulator of one's own may have another port each time."""
    own = server.startswith(("http://127.0.0.1:", "http://localhost:"))
    return "http://127.0.0.1" if own else server


def _shown(server: str) -> str:
    return "the embedded simulator" if server == EMBEDDED else server
