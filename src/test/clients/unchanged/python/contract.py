"""What every script here shares: the address and the key, and how it says what its client saw."""

import asyncio
import inspect
import json
import os
import sys
import time

URL = os.environ["SLUICE_URL"]
KEY = os.environ["SLUICE_KEY"]
QUESTION = "How is the weather in Oslo?"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def run(**cases):
    """Does the cases that the command line names, and says of each what it saw or what it raised."""
    out, sys.stdout = sys.stdout, sys.stderr  # what a client prints is not part of it
    with asyncio.Runner() as loop:
        for name in sys.argv[1:]:
            print(json.dumps({"case": name, **outcome(cases[name], loop)}), file=out, flush=True)


def outcome(case, loop):
    began = time.monotonic()
    try:
        seen = case()
        seen = loop.run(seen) if inspect.iscoroutine(seen) else seen
        return {"saw": seen, "seconds": time.monotonic() - began}
    except Exception as error:
        return {"raised": type(error).__name__, "message": str(error), "seconds": time.monotonic() - began}
