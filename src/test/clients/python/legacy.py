"""One scenario with openai 0.28: takes its call as JSON, says what it saw in lines of JSON."""

import json
import os
import sys
import time

import openai

call = json.loads(sys.argv[1])
openai.api_base = call["base"]
openai.api_key = call["key"]
engine = "text-davinci-002"
messages = [{"role": "user", "content": call["prompt"]}]


def say(**what):
    print(json.dumps(what), flush=True)


def failure(error):
    status = getattr(error, "http_status", None)
    return {"error": type(error).__name__, "status": status, "message": str(error)}


def answers():
    def texts(chunks):
        return "".join(chunk["choices"][0]["text"] for chunk in chunks if chunk["choices"])

    def deltas(chunks):
        return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])

    completion = {"engine": engine, "prompt": call["prompt"], "max_tokens": 50}
    say(
        completion=openai.Completion.create(**completion)["choices"][0]["text"],
        completionStream=texts(openai.Completion.create(**completion, stream=True)),
        chatOfModel=openai.ChatCompletion.create(model=call["model"], messages=messages)["choices"][0]["message"]["content"],
        chatOfEngine=openai.ChatCompletion.create(engine=call["model"], messages=messages)["choices"][0]["message"]["content"],
        chatStream=deltas(openai.ChatCompletion.create(model=call["model"], messages=messages, stream=True)),
        embeddingOfModel=len(openai.Embedding.create(model="text-embedding-3-small", input="hello")["data"][0]["embedding"]),
        embeddingOfEngine=len(openai.Embedding.create(engine="text-embedding-3-small", input="hello")["data"][0]["embedding"]),
        moderation=openai.Moderation.create(input="hello")["results"][0]["flagged"],
        models=[model["id"] for model in openai.Model.list()["data"]],
    )


def ask():
    began = time.monotonic()
    try:
        answer = openai.ChatCompletion.create(model=call["model"], messages=messages)
        say(text=answer["choices"][0]["message"]["content"])
    except openai.error.OpenAIError as error:
        say(**failure(error), seconds=time.monotonic() - began)


def models():
    say(models=[model["id"] for model in openai.Model.list()["data"]])


def stream():
    chunks = 0
    try:
        for chunk in openai.ChatCompletion.create(model=call["model"], messages=messages, stream=True):
            chunks += 1
            if chunks == 1:
                say(event="first")
        say(chunks=chunks)
    except Exception as error:
        say(**failure(error), chunks=chunks)


def leave():
    for chunk in openai.ChatCompletion.create(model=call["model"], messages=messages, stream=True):
        say(event="closed", at=time.time() * 1000)
        # This SDK cannot close a stream that has begun: who leaves it dies.
        os._exit(0)


def exhaust():
    """Different prompts, one after the other, until one is refused."""
    began = time.monotonic()
    first = None
    for number in range(1, 1000):
        sent = time.monotonic()
        try:
            openai.Completion.create(engine=engine, prompt=f"question {number}", max_tokens=5)
        except openai.error.RateLimitError as error:
            headers = {name.lower(): value for name, value in error.headers.items()}
            say(**failure(error), refused=number, least=sent - first, most=time.monotonic() - began, headers=headers)
            return
        first = first or time.monotonic()
    say(refused=0)


globals()[call["scenario"]]()
