"""A world as one file: exported, imported, and the same."""

import pytest

from fleet.protocol.errors import SetupError, UsageError
from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import VirtualClock
from fleet.simulator.opening import open_world
from fleet.simulator.settings import SimSettings
from fleet.simulator.transfer import export_world, import_world


def send(opened, method, path, token=None, body=b""):
    head = {"authorization": f"Bearer {token}"} if token else {}
    request = HttpRequest(method=method, path=f"/v2{path}", headers=head, body=body)
    return opened.simulator.handle(request, "ip")


@pytest.fixture
def played(tmp_path):
    """A folder with a world that was played and not saved, its digest, time and a token."""
    folder = tmp_path / "here"
    opened = open_world(SimSettings(data_dir=folder, systems=50, limits="off"), VirtualClock)
    simulator = opened.simulator
    send(opened, "POST", "/register", body=b'{"symbol":"ABC","faction":"COSMIC"}')
    token = simulator.tokens.issue_agent("ABC", simulator.world.reset_date, 0)
    simulator.clock.advance_to(simulator.clock.now() + 77.5)
    assert send(opened, "POST", "/my/ships/ABC-1/orbit", token).status == 200
    told = folder, simulator.state_hash(), simulator.clock.now(), token
    opened.keeper.close()
    return told


def test_an_imported_world_is_the_exported_one_with_its_time_and_tokens(played, tmp_path):
    folder, digest, now, token = played
    file = tmp_path / "kept.world"
    assert export_world(folder, file) == digest
    assert file.stat().st_mode & 0o777 == 0o600
    assert import_world(file, tmp_path / "there") == digest
    again = open_world(SimSettings(data_dir=tmp_path / "there", limits="off"), VirtualClock)
    assert again.simulator.state_hash() == digest
    assert again.simulator.clock.now() == now
    assert send(again, "POST", "/my/ships/ABC-1/dock", token).status == 200
    again.keeper.close()


def test_exporting_leaves_the_folder_as_it_was(played, tmp_path):
    folder, digest, _, _ = played
    export_world(folder, tmp_path / "one")
    assert export_world(folder, tmp_path / "two") == digest
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_world_is_never_imported_over_another(played, tmp_path):
    folder, digest, _, _ = played
    export_world(folder, tmp_path / "file")
    with pytest.raises(UsageError, match="holds a world already"):
        import_world(tmp_path / "file", folder)
    assert export_world(folder, tmp_path / "file") == digest


def test_a_world_in_use_is_not_exported(played, tmp_path):
    opened = open_world(SimSettings(data_dir=played[0]), VirtualClock)
    with pytest.raises(SetupError, match="in use by process"):
        export_world(played[0], tmp_path / "file")
    opened.keeper.close()
    assert not (tmp_path / "file").exists()


def test_what_is_not_there_or_no_world_is_one_sentence(played, tmp_path):
    with pytest.raises(SetupError, match="holds no world"):
        export_world(tmp_path / "nothing", tmp_path / "file")
    assert not (tmp_path / "nothing").exists()
    with pytest.raises(SetupError, match="There is no file"):
        import_world(tmp_path / "nothing", tmp_path / "there")
    (tmp_path / "odd").write_bytes(b"not a world")
    with pytest.raises(SetupError, match=r"not a snapshot.*; give a file that `fleet sim export`"):
        import_world(tmp_path / "odd", tmp_path / "there")
    with pytest.raises(SetupError, match="no key"):
        import_world(played[0] / "world", tmp_path / "there")
    with pytest.raises(SetupError, match="can't be written"):
        export_world(played[0], tmp_path / "no" / "such" / "file")
    assert not (tmp_path / "there").exists()
