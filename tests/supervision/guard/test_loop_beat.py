import asyncio
import threading
from typing import Any

from fleet.supervision.guard.loop_beat import beat_from

STALL_ONCE = """
import asyncio
from fleet.supervision.guard.loop_beat import beat_from
def stand_still():
    threading.Event().wait()
async def main():
    life.ready()
    beat_from(asyncio.get_running_loop(), life.beat)
    await asyncio.sleep(0.6)
    if first_time():
        stand_still()
    life.progress()
    await asyncio.Event().wait()
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
asyncio.run(main())
"""


def test_it_beats_for_as_long_as_the_loop_runs() -> None:
    beats: list[threading.Thread] = []

    async def serve() -> None:
        enough = asyncio.Event()

        def beat() -> None:
            beats.append(threading.current_thread())
            if len(beats) == 3:
                enough.set()

        beat_from(asyncio.get_running_loop(), beat)
        assert len(beats) == 1, "the first one comes at once"
        await asyncio.wait_for(enough.wait(), 10)

    asyncio.run(serve())
    assert set(beats) == {threading.main_thread()}


def test_a_server_whose_event_loop_stands_still_is_replaced(bench: Any) -> None:
    bench.stop_at("process.ready", incarnation=2)
    assert bench.run(bench.spec("simulator", STALL_ONCE, heartbeat=1.0)) == 0
    assert "stand_still" in bench.log.records("process.killed")[0]["stack"]
