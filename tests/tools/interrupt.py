"""Interrupts trainings at chosen steps. Trainings are run with --show loss, which tells their steps.

interrupt.py kill SEED EVERY OUT COMMAND...   kills COMMAND (SIGKILL) after a random number of steps below EVERY and resumes
                                              it from OUT if that is there, again and again until it is done; prints how
                                              often that was
interrupt.py signal STEPS NAMES COMMAND...    sends the signals NAMES (INT,TERM), 20 ms apart, after STEPS steps; exits as
                                              COMMAND does, with 128 + N where signal N ended it
"""
import os
import random
import signal
import subprocess
import sys
import time


def start(command, steps, act):
    """Runs a command and calls act(process) when it has shown `steps` steps. Gives its exit code."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        steps -= "  step " in line
        if steps == 0:
            act(process)
            steps = -1
        elif steps < 0:
            sys.stderr.write(line)
    return process.wait()


def kill(seed, every, out, command):
    choose = random.Random(seed)
    for times in range(500):
        resume = ["--resume", out] if os.path.exists(out) else []
        code = start(command + resume, choose.randrange(1, every), subprocess.Popen.kill)
        if code == 0:
            return print(times)
        assert code == -signal.SIGKILL, f"exit {code}"
    sys.exit("it never ends")


def send(names, process):
    for name in names.split(","):
        process.send_signal(getattr(signal, "SIG" + name))
        time.sleep(0.02)


kind, number, text, *rest = sys.argv[1:]
if kind == "kill":
    kill(int(number), int(text), rest[0], rest[1:])
else:
    code = start(rest, int(number), lambda process: send(text, process))
    sys.exit(128 - code if code < 0 else code)
