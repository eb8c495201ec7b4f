from __future__ import annotations

from fleet.supervision.guard.stack_dump import DEPTH, fold_stacks

IDLE = '  File "mailbox.py", line 7 in get\n  File "cell.py", line 9 in run\n'


def test_equal_stacks_are_told_once_and_the_odd_one_first() -> None:
    odd = 'Thread 0x0042 (most recent call first):\n  File "mine.py", line 3 in spin\n'
    idle = [f"Thread 0x{n:04} (most recent call first):\n{IDLE}" for n in range(100)]
    main = 'Current thread 0x0999 (most recent call first):\n  File "main.py", line 1 in wait'
    folded = fold_stacks("\n".join([*idle[:60], odd, *idle[60:], main]))
    assert folded.split("\n") == [
        "Current thread 0x0999 (most recent call first):",
        '  File "main.py", line 1 in wait',
        "Thread 0x0042 (most recent call first):",
        '  File "mine.py", line 3 in spin',
        "100 threads (most recent call first):",
        *IDLE.rstrip().split("\n"),
    ]


def test_what_is_no_stack_is_kept_in_front() -> None:
    dump = "Fatal Python error: Segmentation fault\n\nCurrent thread 0x1 (most):\n  File x\n\nodd"
    assert fold_stacks(dump).split("\n") == [
        "Fatal Python error: Segmentation fault",
        "odd",
        "Current thread 0x1 (most):",
        "  File x",
    ]


def test_an_empty_dump_stays_empty() -> None:
    assert fold_stacks("\n\n") == ""


def test_of_a_deep_stack_the_innermost_frames_are_told_and_how_a_thread_began_is_not() -> None:
    begin = "".join(
        f'  File "/lib/threading.py", line {n} in {name}\n'
        for n, name in enumerate(["run", "_bootstrap_inner", "_bootstrap"])
    )
    frames = "".join(f'  File "mine.py", line {n} in deep\n' for n in range(20))
    short = f'Thread 0x1 (most recent call first):\n  File "mine.py", line 1 in short\n{begin}'
    deep = f"Thread 0x2 (most recent call first):\n{frames}{begin}"
    folded = fold_stacks(f"{short}\n{deep}").split("\n")
    assert folded[:3] == [
        "Thread 0x1 (most recent call first):",
        '  File "mine.py", line 1 in short',
        "Thread 0x2 (most recent call first):",
    ]
    assert folded[3:] == [*frames.rstrip().split("\n")[:DEPTH], "  ..."]


def test_stacks_of_single_threads_are_told_as_those_of_all() -> None:
    dump = (
        "Thread 0x1 (most recent call first):\n  File x\n\n...\n"
        "Stack (most recent call first):\n  File y\nStack (most recent call first):\n  File x\n"
    )
    assert fold_stacks(dump).split("\n") == [
        "Stack (most recent call first):",
        "  File y",
        "2 threads (most recent call first):",
        "  File x",
    ]
