"""Every kind of route with a current openai, beyond what modern.py asks: takes its call as JSON, says what it saw."""

import base64
import json
import sys
import urllib.parse

import openai

call = json.loads(sys.argv[1])
LINES = b"{}\n"


def say(**what):
    print(json.dumps(what), flush=True)


def ids(page):
    return [one.id for one in page]


def files(client):
    file = client.files.create(file=("lines.jsonl", LINES), purpose="batch")
    job = client.fine_tuning.jobs.create(model=call["model"], training_file=file.id)
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    store = client.vector_stores.create(name="mine")
    return {
        "file": file.id in ids(client.files.list()),
        "content": client.files.content(file.id).text,
        "fineTuning": job.id in ids(client.fine_tuning.jobs.list()),
        "batch": batch.id in ids(client.batches.list()),
        "vectorStore": store.id in ids(client.vector_stores.list()),
        "vectorStoreDeleted": client.vector_stores.delete(store.id).deleted,
        "fileDeleted": client.files.delete(file.id).deleted,
    }


def media(client):
    image = client.images.generate(model="gpt-image-1", prompt="a dot")
    png = base64.b64decode(image.data[0].b64_json)
    edited = client.images.edit(model="gpt-image-1", prompt="another", image=("dot.png", png, "image/png"))
    sound = client.audio.speech.create(model="tts-1", voice="alloy", input="hello").read()
    text = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=("hello.mp3", sound)).text
    return {
        "image": len(image.data),
        "edited": len(edited.data),
        "speech": len(sound),
        "transcription": text.split("-")[0],
    }


def routes():
    client = openai.OpenAI(base_url=call["base"], api_key=call["key"])
    say(**files(client), **media(client), model=client.models.retrieve(call["model"]).id)


def azure():
    address = urllib.parse.urlsplit(call["base"])
    client = openai.AzureOpenAI(
        azure_endpoint=f"{address.scheme}://{address.netloc}", api_key=call["key"], api_version="2024-10-21"
    )
    messages = [{"role": "user", "content": call["prompt"]}]
    chat = client.chat.completions.create(model=call["model"], messages=messages)
    embedding = client.embeddings.create(model="text-embedding-3-small", input="hello")
    say(text=chat.choices[0].message.content, embedding=len(embedding.data[0].embedding))


globals()[call["scenario"]]()
