"""Where settings come from, and what is said of bad ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.config import BUDGETS, LIVE_URL, Config
from fleet.field_docs import field_docs
from fleet.protocol.errors import UsageError
from fleet.setting import KIND, Kind
from fleet.sources import find_file, flag_of, key_of, variable_of

FIELDS = dataclasses.fields(Config)


def config(
    flags: dict[str, Any] | None = None,
    env: dict[str, str] | None = None,
    toml: Path | None = None,
) -> Config:
    return Config.from_sources(flags or {}, env or {}, toml)


def write(folder: Path, text: str) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text)
    return path


def refusal(*args: Any) -> str:
    with pytest.raises(UsageError) as raised:
        config(*args)
    return str(raised.value)


def test_without_any_source_the_fleet_plays_its_own_simulator() -> None:
    made = config()
    assert made == Config()
    assert made.embedded
    assert made.database_url == f"sqlite:///{made.data_dir}/fleet.sqlite"


def test_flags_go_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    toml = write(tmp_path, "ships = 1\nworkers = 2\nseed = 3\n")
    made = config(
        {"ships": "30", "workers": None}, {"FLEET_SHIPS": "20", "FLEET_WORKERS": "9"}, toml
    )
    assert (made.ships, made.workers, made.seed, made.log_keep) == (30, 9, 3, 5)


def test_every_setting_can_be_given_in_each_way(tmp_path: Path) -> None:
    samples: dict[str, Any] = {
        "headless": (True, "true", True),
        "for_": (7200.0, "2h", "2h"),
        "game": (90.0, "90", 90),
        "speed": (60.5, "60.5", 60.5),
        "ships": (7, "7", 7),
        "seed": (0, "0", 0),
        "universe": (tmp_path / "u.json", str(tmp_path / "u.json"), str(tmp_path / "u.json")),
        "scenario": ("late", "late", "late"),
        "limits": ("off", "off", "off"),
        "data_dir": (tmp_path / "d", str(tmp_path / "d"), str(tmp_path / "d")),
        "database": ("sqlite:///x.db", "sqlite:///x.db", "sqlite:///x.db"),
        "durable": (True, "true", True),
        "api_url": ("https://example.org", "https://example.org/v2/", "https://example.org/v2"),
        "agents": (tmp_path / "a", str(tmp_path / "a"), str(tmp_path / "a")),
        "token_file": (tmp_path / "t", str(tmp_path / "t"), str(tmp_path / "t")),
        "summary": (tmp_path / "s", str(tmp_path / "s"), str(tmp_path / "s")),
        "record": (tmp_path / "r", str(tmp_path / "r"), str(tmp_path / "r")),
        "record_last": (7200.0, "2h", "2h"),
        "faction": ("VOID", "void", "VOID"),
        "agent": ("ME-1", "me-1", "ME-1"),
        "inject": (tmp_path / "i.py", str(tmp_path / "i.py"), str(tmp_path / "i.py")),
        "workers": (8, "8", 8),
        "bucket_bound": (50, "50", 50),
        "heartbeat": (4.5, "4500ms", 4.5),
        "budgets": ({**BUDGETS, "ship": 2.0, "writer": 90.0}, "ship=2,writer=1m30s", None),
        "zombies": (9, "9", 9),
        "spinners": (1, "1", 1),
        "interrupt": (True, "true", True),
        "log_size": (1 << 20, "1MiB", "1MiB"),
        "log_keep": (2, "2", 2),
        "console_refresh": (0.5, "0.5", 0.5),
        "sample_every": (2.0, "2s", 2),
        "summary_every": (90.0, "1m30s", 90),
        "memory_warn": (64 << 20, "64MiB", "64MiB"),
        "memory_emergency": (5 << 28, "1280MiB", "1280MiB"),
        "memory_critical": (4 << 30, "4GiB", "4GiB"),
        "trace_memory": (True, "true", True),
        "track": ("/fleet/*", "/fleet/*", "/fleet/*"),
    }
    assert set(samples) == {row.name for row in FIELDS}
    for name, (expected, text, in_file) in samples.items():
        # A token file chooses the live API by itself.
        value = "{ship = 2, writer = '90s'}" if name == "budgets" else _toml(in_file)
        toml = write(tmp_path, f"{key_of(name)} = {value}\n")
        assert getattr(config({name: text}), name) == expected, name
        assert getattr(config({}, {variable_of(name): text}), name) == expected, name
        assert getattr(config({}, {}, toml), name) == expected, name


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | int | float) else f"'{value}'"


@pytest.mark.parametrize(
    ("flags", "env", "sentence"),
    [
        (
            {"ships": "many"},
            {},
            "--ships is 'many'; give a whole number from 1 to 10000.",
        ),
        ({"ships": "0"}, {}, "--ships is '0'; give a whole number from 1 to 10000."),
        ({"speed": "0"}, {}, "--speed is '0'; give a number above 0, at most 100000."),
        ({"speed": "nan"}, {}, "--speed is 'nan'; give a number above 0, at most 100000."),
        (
            {"for_": "soon"},
            {},
            "--for is 'soon'; give a duration from 0.1 s such as 90, 90s, 1.5h or 1h30m.",
        ),
        ({}, {"FLEET_LIMITS": "none"}, "FLEET_LIMITS is 'none'; give live or off."),
        ({}, {"FLEET_HEADLESS": "2"}, "FLEET_HEADLESS is '2'; give true or false."),
        (
            {"agent": "X"},
            {},
            "--agent is 'X'; give 3 to 14 letters, digits, - or _.",
        ),
        (
            {"api_url": "ftp://x"},
            {},
            (
                "--api-url is 'ftp://x'; give an address such as https://api.spacetraders.io, "
                "or 'embedded'."
            ),
        ),
        (
            {"api_url": "http://[::1"},
            {},
            (
                "--api-url is 'http://[::1'; give an address such as https://api.spacetraders.io, "
                "or 'embedded'."
            ),
        ),
        (
            {"database": "mysql://x"},
            {},
            (
                "--database is 'mysql://x'; give sqlite:///PATH or "
                "postgresql+psycopg2://USER@HOST/DATABASE."
            ),
        ),
        ({}, {"FLEET_SHISP": "3"}, "FLEET_SHISP is not a setting; did you mean FLEET_SHIPS?"),
        ({"shisp": "3"}, {}, "There is no setting 'shisp'; did you mean 'ships'?"),
    ],
)
def test_a_bad_value_is_refused_with_its_place_and_what_is_allowed(
    flags: dict[str, Any], env: dict[str, str], sentence: str
) -> None:
    assert refusal(flags, env) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ships = 'x'", "ships in {} is 'x'; give a whole number from 1 to 10000."),
        ("ships = true", "ships in {} is True; give a whole number from 1 to 10000."),
        ("ships = 1.5", "ships in {} is 1.5; give a whole number from 1 to 10000."),
        ("data_dir = 3", "data_dir in {} is 3; give the path of a folder."),
        ("shisp = 3", "{} has an unknown key 'shisp'; did you mean 'ships'?"),
        ("token = 'x'", "{} holds a token; put it into a file of its own"),
        (
            "[budgets]\nshpi = 3",
            "budgets in {} is {{'shpi': 3}}; give KEY=VALUE with a key of ship",
        ),
        ("ships =", "{} is not valid TOML: Invalid value (at end of document)."),
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, text: str, sentence: str) -> None:
    toml = write(tmp_path, text)
    assert refusal({}, {}, toml).startswith(sentence.format(toml))


def test_a_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    toml = tmp_path / "fleet.toml"
    toml.write_bytes(b"\xff\xfe")
    assert refusal({}, {}, toml).startswith(f"{toml} is not valid TOML")
    assert "cannot be read" in refusal({}, {}, tmp_path)


def test_other_programs_variables_with_our_prefix_are_left_alone() -> None:
    assert config({}, {"FLEET_SERVER_POLICY_ID": "x", "FLEET_GUARD_BEAT_FD": "5"}) == Config()


def test_budgets_add_up_over_the_sources(tmp_path: Path) -> None:
    toml = write(tmp_path, "[budgets]\nship = 1\nworker = '20s'\n")
    made = config({"budgets": ["ship=3s"]}, {"FLEET_BUDGETS": "writer=9"}, toml)
    assert made.budgets == {**BUDGETS, "ship": 3.0, "worker": 20.0, "writer": 9.0}
    assert Config().budgets == BUDGETS


def test_a_token_chooses_the_live_api_unless_another_is_named(tmp_path: Path) -> None:
    token = {"SPACETRADERS_TOKEN": "x"}
    assert config({}, token).api_url == LIVE_URL
    assert config({"token_file": str(tmp_path)}).api_url == LIVE_URL
    assert config({"api_url": "embedded"}, token).embedded
    assert config({"api_url": "http://127.0.0.1:80/v2"}, token).api_url == "http://127.0.0.1:80"


def test_settings_of_the_simulator_are_refused_for_another_api() -> None:
    assert refusal({"speed": "60", "api_url": "http://x"}) == (
        "--speed is for the embedded simulator, but --api-url chooses http://x; "
        "drop one of them, or give --api-url embedded."
    )
    assert "SPACETRADERS_TOKEN" in refusal({"scenario": "late"}, {"SPACETRADERS_TOKEN": "x"})


def test_a_summary_that_could_not_be_written_is_refused_at_the_start(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refusal({"summary": str(missing / "s.json")}) == (
        f"--summary names {missing}/s.json, but there is no folder {missing}; create it first."
    )


def test_a_folder_is_neither_recorded_nor_summed_up_into(tmp_path: Path) -> None:
    for name in ("record", "summary"):
        said = f"--{name} names {tmp_path}, a folder; name a file in it."
        assert refusal({name: str(tmp_path)}) == said


def test_relative_paths_are_taken_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config({"data_dir": "here"}).data_dir == tmp_path / "here"


def test_the_call_sign_comes_from_the_seed() -> None:
    signs = {config({"seed": str(seed)}).call_sign for seed in range(50)}
    assert len(signs) == 50
    assert all(len(sign) <= 14 and sign.startswith("FLEET-") for sign in signs)
    assert config().call_sign == config({"seed": "1"}).call_sign
    assert config({"agent": "zoe"}).call_sign == "ZOE"


def test_the_configuration_survives_json(tmp_path: Path) -> None:
    made = config({"data_dir": str(tmp_path), "for_": "90s", "budgets": ["ship=1"], "seed": "7"})
    assert Config.from_json(made.to_json()) == made
    assert Config.from_json(Config().to_json()) == Config()


def test_memory_levels_that_do_not_rise_are_refused_before_anything_starts() -> None:
    assert refusal({"memory_emergency": "512MiB"}) == (
        "--memory-emergency: memory levels must rise in this order: "
        "memory_warn 1 GiB, memory_emergency 512 MiB, memory_critical 2 GiB."
    )


def test_the_token_appears_nowhere_in_the_configuration() -> None:
    made = config({}, {"SPACETRADERS_TOKEN": "secret"})
    assert b"secret" not in made.to_json()
    assert "secret" not in repr(made)


def test_the_file_is_the_one_named_or_fleet_toml_in_the_folder(tmp_path: Path) -> None:
    assert find_file(None, {}, tmp_path) is None
    toml = write(tmp_path, "")
    other = tmp_path / "other.toml"
    other.write_text("")
    assert find_file(None, {}, tmp_path) == toml
    assert find_file(None, {"FLEET_CONFIG": "other.toml"}, tmp_path) == other
    assert find_file("other.toml", {"FLEET_CONFIG": "gone"}, tmp_path) == other
    with pytest.raises(UsageError, match=r"^--config names gone, but there is no such file\.$"):
        find_file("gone", {}, tmp_path)
    with pytest.raises(UsageError, match=r"^FLEET_CONFIG names gone"):
        find_file(None, {"FLEET_CONFIG": "gone"}, tmp_path)


def test_every_field_has_a_docstring() -> None:
    docs = field_docs(Config)
    assert set(docs) == {row.name for row in FIELDS}
    assert all(text.endswith(".") and len(text) > 20 for text in docs.values())


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row.name)
@given(junk=st.text(max_size=30) | st.integers() | st.floats() | st.lists(st.text(), max_size=2))
def test_any_junk_is_read_or_refused_with_a_sentence(
    row: dataclasses.Field[Any], junk: Any
) -> None:
    try:
        made = config({"api_url": "embedded", row.name: junk})
    except UsageError as error:
        sentence = str(error)
        assert sentence.startswith((flag_of(row.name), "There is no"))
        assert sentence.endswith(".")
    else:
        assert isinstance(made, Config)


def documented() -> dict[str, list[str]]:
    """Read the rows of the tables in the page, by key."""
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in page.read_text().splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`"): row for row in cells}


def default_of(row: dataclasses.Field[Any]) -> str:
    special = {
        "data_dir": "the user's data folder",
        "budgets": ", ".join(f"`{key}={value:g}`" for key, value in BUDGETS.items()),
        "log_size": "`16MiB`",
        "memory_warn": "`1GiB`",
        "memory_emergency": "`1.5GiB`",
        "memory_critical": "`2GiB`",
        "headless": "`false`",
        "durable": "`false`",
        "interrupt": "`false`",
        "trace_memory": "`false`",
    }
    if row.name in special:
        return special[row.name]
    return (
        "none"
        if row.default is None
        else f"`{row.default:g}`"
        if isinstance(row.default, float)
        else f"`{row.default}`"
    )


def test_the_page_lists_every_setting_as_the_code_has_it() -> None:
    docs = field_docs(Config)
    rows = documented()
    for row in FIELDS:
        kind: Kind = row.metadata[KIND]
        flag = f"{flag_of(row.name)} {kind.metavar}".strip().replace("|", "\\|")
        assert rows.pop(key_of(row.name)) == [
            f"`{key_of(row.name)}`",
            f"`{flag}`",
            f"`{variable_of(row.name)}`",
            default_of(row),
            docs[row.name],
        ]
    assert rows == {}
