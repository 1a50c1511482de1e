"""Calls for a while with a token that is read from its file for each call; says what came of it as a line of JSON."""

import json
import sys
import time

import openai

call = json.loads(sys.argv[1])
tokens = set()


def token():
    with open(call["file"], encoding="utf-8") as file:
        text = file.read()
    tokens.add(text)
    return text


client = openai.OpenAI(base_url=call["base"], api_key=token)
calls, failures = 0, []
end = time.monotonic() + call["millis"] / 1000
while time.monotonic() < end:
    try:
        client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": f"Python's question {calls}"}]
        )
    except openai.OpenAIError as failure:
        failures.append(repr(failure))
    calls += 1
    time.sleep(call["pauseMillis"] / 1000)
print(json.dumps({"calls": calls, "failures": failures, "tokens": len(tokens)}))
