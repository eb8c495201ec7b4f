"""Accounts that a user makes from the command line, whether or not the simulator runs."""

from __future__ import annotations

import random
import secrets
from pathlib import Path

from fleet.simulator.clock import civil
from fleet.simulator.keeper import signing_key
from fleet.simulator.tokens import Tokens
from fleet.simulator.universe.naming import record_id


def new_account_token(folder: Path) -> str:
    """Make the token of a new account of a folder's world. Raises SetupError.

    The world learns of the account when it first registers an agent, so nothing is locked.
    """
    account = record_id(random.Random(secrets.token_bytes(16)))
    return Tokens(signing_key(folder)).issue_account(account, civil())
