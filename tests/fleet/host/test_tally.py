from fleet.host.tally import Tally


def test_the_last_event_about_each_actor_is_known_and_a_supervisors_is_about_its_child(events):
    tally = Tally(events, lambda: 7.0)
    tally.emit("actor.crashed", actor="/fleet/a", level="error", text="boom")
    tally.emit("actor.restarted", actor="/fleet", child="a", level="warning", text="again")
    tally.emit("run.ended", text="nobody's")
    assert set(tally.last) == {"/fleet/a"}
    assert (tally.last["/fleet/a"].event, tally.last["/fleet/a"].wall) == ("actor.restarted", 7.0)


def test_who_rests_is_known_until_it_runs_again(events):
    tally = Tally(events, lambda: 0.0)
    tally.emit("child.quarantined", actor="/fleet", child="a")
    tally.emit("child.quarantined", actor="/fleet", child="b")
    tally.emit("actor.restarted", actor="/fleet", child="b")
    assert tally.resting == {"/fleet/a"}


def test_debug_events_are_counted_but_not_among_the_latest(events):
    tally = Tally(events, lambda: 0.0)
    tally.emit("letter.buried", level="debug", actor="/a")
    assert (tally.counts["letter.buried"], list(tally.recent)) == (1, [])
    assert tally.last["/a"].level == "debug"
