"""Those that wait and those that compute are told apart by their time on a CPU."""

from fleet.protocol.clock import Monotonic
from fleet.runtime.zombies import LOOK_AGAIN, LOOK_EVERY, Zombies


class Machine:
    """CPU times by runner, and how often each was asked for."""

    def __init__(self, **times):
        self.times = times
        self.asked = []

    def __call__(self, runner):
        self.asked.append(runner)
        return self.times[runner]


def at(seconds):
    return Monotonic(float(seconds))


def test_two_looks_tell_whether_one_computes():
    zombies, machine = Zombies(), Machine(busy=1.0, idle=1.0)
    zombies.add("/busy", 1, "busy")
    zombies.add("/idle", 1, "idle")
    zombies.look(at(0), machine)
    assert (zombies.spinners, zombies.may_spin) == (0, True)
    machine.times["busy"] += LOOK_EVERY / 2
    zombies.look(at(LOOK_EVERY), machine)
    assert (zombies.spinners, zombies.may_spin, len(zombies)) == (1, True, 2)
    zombies.discard("/busy", 1)
    assert (zombies.spinners, zombies.may_spin, len(zombies)) == (0, False, 1)


def test_fifty_that_share_one_interpreter_are_each_seen_to_compute():
    zombies, machine = Zombies(), Machine(**{f"r{n}": 0.0 for n in range(50)})
    for n in range(50):
        zombies.add(f"/{n}", 1, f"r{n}")
    zombies.look(at(0), machine)
    machine.times = dict.fromkeys(machine.times, 1 / 50)
    zombies.look(at(1), machine)
    assert zombies.spinners == 50


def test_one_that_waits_is_looked_at_rarely_and_noticed_when_it_computes_after_all():
    zombies, machine = Zombies(), Machine(r=0.0)
    zombies.add("/a", 1, "r")
    zombies.look(at(0), machine)
    zombies.look(at(LOOK_EVERY), machine)
    looks = len(machine.asked)
    zombies.look(at(2 * LOOK_EVERY), machine)
    assert len(machine.asked) == looks
    machine.times["r"] = LOOK_AGAIN
    zombies.look(at(LOOK_EVERY + LOOK_AGAIN), machine)
    assert zombies.spinners == 1


def test_what_no_machine_can_tell_does_not_count_as_computing():
    zombies = Zombies()
    zombies.add("/a", 1, None)
    zombies.look(at(0), lambda runner: None)
    assert (zombies.spinners, zombies.may_spin) == (0, False)


def test_a_life_is_struck_off_once():
    zombies = Zombies()
    zombies.add("/a", 1, None)
    assert not zombies.discard("/a", 3)
    assert zombies.discard("/a", 1)
    assert not zombies.discard("/a", 1)


def test_one_that_computes_is_not_forgotten_because_it_finds_no_cpu_for_a_moment():
    zombies, machine = Zombies(), Machine(r=0.0)
    zombies.add("/a", 1, "r")
    zombies.look(at(0), machine)
    machine.times["r"] = LOOK_EVERY
    zombies.look(at(LOOK_EVERY), machine)
    for look in range(2, 20):
        zombies.look(at(look * LOOK_EVERY), machine)
        assert zombies.spinners == 1
    zombies.look(at(LOOK_EVERY + LOOK_AGAIN), machine)
    assert zombies.spinners == 0, "it has come to wait"
