import os
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows this policy")


def policy_of(address):
    return address.ask(lambda ctx: ctx.reply(os.sched_getscheduler(0)), timeout=30)


def test_an_actor_that_is_woken_pushes_nobody_out(threads):
    assert policy_of(threads.spawn()) == os.SCHED_BATCH


def test_a_punctual_actor_is_woken_like_any_thread(threads):
    assert policy_of(threads.spawn(punctual=True)) == os.sched_getscheduler(0)


def test_a_replacement_in_a_thread_that_was_parked_behaves_like_its_first_life(threads):
    address = threads.spawn()
    address.tell(lambda ctx: 1 / 0)
    assert policy_of(address) == os.SCHED_BATCH


def test_a_system_that_refuses_it_changes_nothing(threads, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    assert policy_of(threads.spawn()) == os.sched_getscheduler(0)
