"""A bot that knows nothing of fleet plays a served universe from registration to a jump."""

import json
import signal
import subprocess
import sys
from pathlib import Path

BOT = Path(__file__).with_name("stranger.py")
SCENARIO = {
    "name": "with an explorer",
    "credits": 2_000_000,
    "ships": [{"type": "SHIP_EXPLORER", "count": 1, "at": "HEADQUARTERS"}],
}


def test_a_stranger_registers_mines_trades_fulfils_buys_and_jumps(tmp_path):
    scenario = tmp_path / "explorer.json"
    scenario.write_text(json.dumps(SCENARIO))
    command = [sys.executable, "-m", "fleet", "sim", "--port", "0", "--data-dir", tmp_path / "w"]
    command += ["--speed", "2000", "--clock", "wall", "--scenario", scenario, "--seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip()
            bot = [sys.executable, "-I", BOT, url]
            done = subprocess.run(bot, capture_output=True, text=True, timeout=100, check=False)
        finally:
            server.send_signal(signal.SIGTERM)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        "registered",
        "bought",
        "mined",
        "sold",
        "fulfilled",
        "traded",
        "jumped",
    ]
