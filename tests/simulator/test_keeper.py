"""Keeping a world in a folder: snapshots, the log, the lock, and what may break."""

import errno
import os
import shutil
import struct

import msgspec
import pytest

from fleet.protocol.errors import SetupError, UsageError
from fleet.protocol.transport import HttpRequest
from fleet.simulator.clock import VirtualClock, WallFacedClock
from fleet.simulator.command import Command
from fleet.simulator.journal import Journal
from fleet.simulator.keeper import signing_key
from fleet.simulator.opening import open_world
from fleet.simulator.settings import SimSettings


def test_a_key_that_could_not_be_written_is_not_there_and_is_made_the_next_time(
    tmp_path, monkeypatch
):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "write", full)
        with pytest.raises(SetupError, match="No space left"):
            signing_key(tmp_path)
    assert list(tmp_path.iterdir()) == []
    key = signing_key(tmp_path)
    assert len(key) == 32
    assert signing_key(tmp_path) == key


class Held:
    """A world in a folder, in virtual time."""

    def __init__(self, folder, **settings):
        self.settings = SimSettings(data_dir=folder, limits="off", **settings)
        self.opened = open_world(self.settings, VirtualClock)
        self.sim = self.opened.simulator
        self.token = None

    def post(self, path, body=b"", **how):
        head = {"authorization": f"Bearer {self.token}"} if self.token else {}
        request = HttpRequest(method="POST", path=f"/v2{path}", headers=head, body=body, **how)
        return self.sim.handle(request, "ip")

    def register(self):
        self.post("/register", b'{"symbol":"ABC","faction":"COSMIC"}')
        self.token = self.sim.tokens.issue_agent("ABC", self.sim.world.reset_date, 0)

    def play(self, rounds=40):
        """Do things that draw chance, move money and take time."""
        ship = "/my/ships/ABC-1"
        rock = next(
            row.symbol
            for row in self.sim.world.waypoints.values()
            if row.type == "ENGINEERED_ASTEROID"
        )
        self.post(f"{ship}/orbit")
        self.post(f"{ship}/navigate", f'{{"waypointSymbol":"{rock}"}}'.encode())
        for step in range(rounds):
            self.sim.clock.advance_to(self.sim.clock.now() + 95.5)
            self.post(f"{ship}/{'survey' if step % 3 == 0 else 'extract'}")
            if step % 5 == 0:
                self.post(f"{ship}/dock")
                self.post(f"{ship}/refuel")
                self.post(f"{ship}/orbit")

    def drop(self):
        """End without saving, as a kill does."""
        self.opened.keeper.close()


@pytest.fixture
def held(tmp_path):
    worlds = []

    def hold(**settings):
        worlds.append(Held(tmp_path / "world", **settings))
        return worlds[-1]

    yield hold
    for world in worlds:
        try:
            world.drop()
        except (ValueError, OSError):
            continue


@pytest.fixture
def played(held):
    """The state hash of a world that was played and then dropped unsaved."""
    world = held()
    world.register()
    world.play()
    digest, now = world.sim.state_hash(), world.sim.clock.now()
    world.drop()
    return digest, now


def log_of(tmp_path):
    return next((tmp_path / "world").glob("log-*"))


def test_replay_leads_to_the_same_state_and_time(played, held):
    again = held()
    assert again.sim.state_hash() == played[0]
    assert again.sim.clock.now() == played[1]


def test_a_snapshot_whose_folder_can_not_be_synced_loses_no_later_command(
    held, tmp_path, monkeypatch
):
    def full(folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    world = held()
    with monkeypatch.context() as patched:
        patched.setattr("fleet.simulator.keeper.sync_folder", full)
        with pytest.raises(OSError, match="No space"):
            world.opened.save()
    world.register()
    world.play(5)
    digest = world.sim.state_hash()
    world.drop()
    assert held().sim.state_hash() == digest


def test_a_resumed_world_goes_on_exactly_as_one_that_never_stopped(held, tmp_path):
    straight = held()
    straight.register()
    straight.play(10)
    shutil.copytree(tmp_path / "world", tmp_path / "copy")
    straight.play(10)
    resumed = Held(tmp_path / "copy")
    resumed.token = straight.token
    resumed.play(10)
    assert resumed.sim.state_hash() == straight.sim.state_hash()
    resumed.drop()


def test_the_time_of_the_last_answer_is_kept_even_if_it_was_a_read(held):
    world = held()
    world.sim.clock.advance_to(world.sim.clock.now() + 1234.5)
    world.sim.handle(HttpRequest(method="GET", path="/v2/"), "ip")
    now = world.sim.clock.now()
    world.drop()
    assert held().sim.clock.now() == now


def test_a_saved_world_needs_no_log(held, tmp_path):
    world = held()
    world.register()
    world.play()
    world.opened.save()
    assert not list((tmp_path / "world").glob("log-*"))
    digest = world.sim.state_hash()
    world.drop()
    assert held().sim.state_hash() == digest


def test_play_after_a_snapshot_is_kept_too(held):
    world = held()
    world.register()
    world.play(5)
    world.opened.save()
    world.play(5)
    digest = world.sim.state_hash()
    world.drop()
    assert held().sim.state_hash() == digest


def test_a_torn_last_record_is_dropped_and_the_log_goes_on(played, held, tmp_path):
    log = log_of(tmp_path)
    whole = log.stat().st_size
    with log.open("ab") as file:
        file.write(struct.pack("<II", 100, 0) + b"half a rec")
    again = held()
    assert again.sim.state_hash() == played[0]
    assert log.stat().st_size == whole
    again.register()
    again.play(3)
    digest = again.sim.state_hash()
    again.drop()
    assert held().sim.state_hash() == digest


@pytest.mark.parametrize("cut", [1, 5, 9, 20])
def test_a_log_cut_anywhere_in_its_last_record_is_usable(played, held, tmp_path, cut):
    log = log_of(tmp_path)
    os.truncate(log, log.stat().st_size - cut)
    assert held().sim.world.agents.keys() == {"ABC"}


def test_a_log_broken_in_the_middle_is_refused_untouched(played, held, tmp_path):
    log = log_of(tmp_path)
    content = bytearray(log.read_bytes())
    content[40] ^= 0xFF
    log.write_bytes(content)
    with pytest.raises(SetupError, match="broken at record"):
        held()
    assert log.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a snapshot"),
        (b"something else entirely", "not a snapshot"),
        (b"FLEETSIM" + struct.pack("<II", 99, 0) + b"x", "newer fleet"),
        (b"FLEETSIM" + struct.pack("<II", 1, 0) + b"x", "broken"),
    ],
)
def test_a_strange_snapshot_is_refused_untouched(played, held, tmp_path, content, said):
    path = tmp_path / "world" / "world"
    path.write_bytes(content)
    with pytest.raises(SetupError, match=said) as error:
        held()
    assert path.read_bytes() == content
    assert "--data-dir" in str(error.value)


def test_a_second_process_is_refused_with_the_pid_of_the_first(held):
    held()
    with pytest.raises(SetupError, match=f"in use by process {os.getpid()}"):
        held()


def test_a_garbled_time_mark_falls_back_to_the_log(played, held, tmp_path):
    (tmp_path / "world" / "clock").write_bytes(struct.pack("<dd", 9e99, 1.0))
    again = held()
    assert again.sim.state_hash() == played[0]
    assert again.sim.clock.now() <= played[1]


def test_another_seed_for_a_stored_world_is_refused(held):
    held(seed=5).drop()
    held(seed=5).drop()
    with pytest.raises(UsageError, match="--seed"):
        held(seed=6)
    with pytest.raises(UsageError, match="--scenario"):
        held(scenario="late")
    assert held().sim.world.seed == 5


def test_a_folder_that_can_not_be_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="choose another --data-dir"):
        Held(tmp_path / "file" / "world")


def test_half_a_snapshot_leaves_its_room_on_the_disk_to_the_log(held, tmp_path, monkeypatch):
    world = held()
    world.register()
    before = {path.name: path.stat().st_size for path in (tmp_path / "world").iterdir()}
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        world.opened.save()
    assert {path.name: path.stat().st_size for path in (tmp_path / "world").iterdir()} == before


def test_a_disk_without_room_for_a_new_world_is_one_sentence(held, monkeypatch):
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(SetupError, match=r"can't be used \(No space left on device\); choose"):
        held()


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_refused_commands_are_not_logged(held, tmp_path):
    world = held()
    world.register()
    before = world.opened.keeper.records
    world.post("/my/ships/ABC-1/navigate", b'{"waypointSymbol":"X"}')
    world.post("/my/ships/ABC-1/extract")
    assert world.opened.keeper.records == before
    world.post("/my/ships/ABC-1/orbit")
    assert world.opened.keeper.records == before + 1


def test_a_log_that_can_not_be_written_ends_the_game(held, monkeypatch):
    world = held()
    world.register()
    monkeypatch.setattr(os, "write", lambda *_: 3)
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            world.post("/my/ships/ABC-1/orbit")
    monkeypatch.undo()
    with pytest.raises(OSError, match="No space left"):
        world.post("/my/ships/ABC-1/dock")


def test_surveys_used_under_a_wall_faced_clock_are_replayed(held):
    world = held()
    world.register()
    world.play(1)
    wall = WallFacedClock(world.sim.clock.now(), 60.0, monotonic=lambda: 0.0, wall=lambda: 5.0)
    world.sim.clock = world.sim._render.clock = wall
    world.sim._render._stamps.clear()
    wall._origin += 100
    shown = msgspec.json.decode(world.post("/my/ships/ABC-1/survey").body)["data"]["surveys"][0]
    wall._origin += 100
    answer = world.post("/my/ships/ABC-1/extract/survey", msgspec.json.encode(shown))
    assert answer.status == 201
    digest = world.sim.state_hash()
    world.drop()
    assert held().sim.state_hash() == digest


def test_each_record_is_one_write(tmp_path, monkeypatch):
    journal, real, calls = Journal(tmp_path / "log"), os.write, []
    monkeypatch.setattr(os, "write", lambda file, data: calls.append(data) or real(file, data))
    command = Command(1.5, "orbit-ship", "ABC", None, {"shipSymbol": "ABC-1"}, b"", False)
    for _ in range(3):
        journal.append(command)
    journal.close()
    assert len(calls) == 3
    assert Journal(tmp_path / "log").read() == [command] * 3


def test_a_grown_log_is_handed_out_for_syncing_once(tmp_path):
    journal = Journal(tmp_path / "log")
    assert journal.twin() is None
    journal.append(Command(1.5, "orbit-ship", "ABC", None, {}, b"", False))
    twin = journal.twin()
    os.fdatasync(twin)
    os.close(twin)
    assert journal.twin() is None
    journal.append(Command(2.5, "dock-ship", "ABC", None, {}, b"", False))
    os.close(journal.twin())
    journal.close()
