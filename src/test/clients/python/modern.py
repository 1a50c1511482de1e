"""One scenario with openai 1 or later: takes its call as JSON, says what it saw in lines of JSON."""

import json
import sys
import time

import openai

call = json.loads(sys.argv[1])
client = openai.OpenAI(base_url=call["base"], api_key=call["key"])
question = {"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]}
CACHE = "x-sluice-cache"


def say(**what):
    print(json.dumps(what), flush=True)


def failure(error):
    return {
        "error": type(error).__name__,
        "ours": isinstance(error, openai.OpenAIError),
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None),
        "requestId": getattr(error, "request_id", None),
        "message": str(error),
    }


def chat():
    raw = client.chat.completions.with_raw_response.create(**question)
    return {"text": raw.parse().choices[0].message.content, "cache": raw.headers.get(CACHE)}


def chat_stream(**options):
    text, usage = "", None
    for chunk in client.chat.completions.create(**question, stream=True, **options):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage.total_tokens if chunk.usage else usage
    return {"text": text, "usage": usage}


def response_stream():
    text, end = "", None
    for event in client.responses.create(model=call["model"], input=call["prompt"], stream=True):
        text += event.delta if event.type == "response.output_text.delta" else ""
        end = event.type
    return {"text": text, "end": end}


def answers():
    say(
        chat=chat(),
        chatAgain=chat(),
        chatStream=chat_stream(),
        chatStreamAgain=chat_stream(),
        chatStreamUsage=chat_stream(stream_options={"include_usage": True}),
        embedding=len(client.embeddings.create(model="text-embedding-3-small", input="hello").data[0].embedding),
        moderation=client.moderations.create(input="hello").results[0].flagged,
        response=client.responses.create(model=call["model"], input=call["prompt"]).output_text,
        responseStream=response_stream(),
        models=[model.id for model in client.models.list().data],
    )


def chats():
    say(chat=chat()["text"], chatStream=chat_stream()["text"])


def ask():
    began = time.monotonic()
    try:
        say(**chat())
    except openai.OpenAIError as error:
        say(**failure(error), seconds=time.monotonic() - began)


def models():
    say(models=[model.id for model in client.models.list().data])


def opened():
    if call.get("api") == "responses":
        return client.responses.create(model=call["model"], input=call["prompt"], stream=True)
    return client.chat.completions.create(**question, stream=True)


def stream():
    chunks = 0
    try:
        for chunk in opened():
            chunks += 1
            if chunks == 1:
                say(event="first")
        say(chunks=chunks)
    except Exception as error:
        say(**failure(error), chunks=chunks)


def leave():
    events = opened()
    next(iter(events))
    at = time.time() * 1000
    events.close()
    say(event="closed", at=at)
    sys.stdin.read()


globals()[call["scenario"]]()
