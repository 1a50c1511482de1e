"""The command llm, which takes the address from OPENAI_BASE_URL."""

import json
import os
import subprocess
import sys
import tempfile

from contract import KEY, QUESTION, URL, run

COMMAND = os.path.join(os.path.dirname(sys.executable), "llm")
WEATHER = '''
def weather(city: str) -> str:
    "The weather of a city"
    return "sunny in " + city
'''


def pieces(*arguments):
    """What it prints, as it prints it."""
    environment = {**os.environ, "OPENAI_BASE_URL": URL, "OPENAI_API_KEY": KEY, "LLM_USER_PATH": home}
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([COMMAND, *arguments], env=environment, **pipes) as process:
        while piece := process.stdout.read1():
            yield piece.decode()
        complaint = process.stderr.read().decode()
    if process.returncode:
        raise RuntimeError(complaint.strip())


def llm(*arguments):
    return "".join(pieces(*arguments))


def chat():
    return llm("-m", "gpt-4o-mini", "--no-stream", QUESTION).strip()


def stream():
    return list(pieces("-m", "gpt-4o-mini", QUESTION))


def tool():
    text = llm("-m", "gpt-4o-mini", "--no-stream", "--functions", WEATHER, QUESTION)
    logged = json.loads(llm("logs", "list", "--json", "--count", "0"))
    calls = [call for answer in logged for call in answer["tool_calls"]]
    return {"city": calls[0]["arguments"]["city"], "text": text}


def embedding():
    return len(json.loads(llm("embed", "-m", "3-small", "-c", QUESTION)))


def structured():
    return json.loads(llm("-m", "gpt-4o-mini", "--no-stream", "--schema", "name, population int", QUESTION))


with tempfile.TemporaryDirectory() as home:
    run(chat=chat, stream=stream, tool=tool, embedding=embedding, structured=structured)
