import threading

from fleet.supervision.pulse import BEAT, LOOK, Pulse


class Wrist:
    """Counts what the guard would hear."""

    def __init__(self, stage):
        self.stage = stage
        self.beats = self.progressed = 0
        self.pulse = Pulse(stage.system, stage.clock, beat=self.beat, progress=self.progress)

    def beat(self):
        self.beats += 1

    def progress(self):
        self.progressed += 1

    def feel(self, seconds):
        """Have the watchdog look every 20 ms for so long."""
        for _ in range(round(seconds / 0.02)):
            self.pulse()
            self.stage.clock.now += 0.02


def test_it_beats_more_rarely_than_the_watchdog_looks(virtual):
    wrist = Wrist(virtual)
    wrist.feel(10)
    assert 10 / BEAT - 6 <= wrist.beats <= 10 / BEAT + 1


def test_a_fleet_that_has_nothing_to_do_gets_on(virtual):
    virtual.spawn()
    virtual.run()
    wrist = Wrist(virtual)
    wrist.feel(10)
    assert wrist.progressed >= 10 / LOOK - 2


def test_messages_that_wait_while_none_is_handled_are_no_progress(virtual):
    address = virtual.spawn()
    virtual.run()
    wrist = Wrist(virtual)
    wrist.feel(2)
    before = wrist.progressed
    address.tell("one")  # nobody runs the dispatcher: as if every thread stood still
    wrist.feel(5)
    assert wrist.progressed == before
    assert wrist.beats > 20, "it is alive all the same"
    virtual.run()
    wrist.feel(2)
    assert wrist.progressed > before


def test_what_is_handled_is_progress_even_if_more_waits(virtual):
    address = virtual.spawn()
    virtual.run()
    wrist = Wrist(virtual)
    for _ in range(5):
        address.tell("done")
        virtual.run()
        address.tell("waits")
        wrist.feel(LOOK)
    assert wrist.progressed >= 4


def test_a_child_that_rests_is_not_waited_for(virtual):
    address = virtual.spawn()
    virtual.run()
    virtual.system.retire(address.path)
    address.tell("waits for the next incarnation")
    wrist = Wrist(virtual)
    wrist.feel(5)
    assert wrist.progressed >= 4


def test_a_hung_actor_alone_is_no_standstill(threads):
    """Its message is in hand, not waiting; and the watchdog replaces it."""
    inside, release = threading.Event(), threading.Event()
    address = threads.spawn()
    address.tell(lambda ctx: inside.set() or release.wait(30))
    assert inside.wait(30)
    told = threading.Event()
    pulse = Pulse(threads.system, threads.clock, beat=lambda: None, progress=told.set)
    pulse()
    assert told.is_set()
    release.set()
