"""openai 0.28, the last before 1.0."""

import json

import openai

from contract import KEY, QUESTION, URL, WEATHER, run

openai.api_base = URL
openai.api_key = KEY
MODEL = "gpt-4o-mini"
MESSAGES = [{"role": "user", "content": QUESTION}]


def chat():
    return openai.ChatCompletion.create(model=MODEL, messages=MESSAGES)["choices"][0]["message"]["content"]


def stream():
    chunks = openai.ChatCompletion.create(model=MODEL, messages=MESSAGES, stream=True)
    return [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]


def tool():
    wanted = openai.ChatCompletion.create(model=MODEL, messages=MESSAGES, tools=[WEATHER])["choices"][0]["message"]
    call = wanted["tool_calls"][0]
    result = {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}
    answer = openai.ChatCompletion.create(model=MODEL, messages=[*MESSAGES, wanted, result], tools=[WEATHER])
    city = json.loads(call["function"]["arguments"])["city"]
    return {"city": city, "text": answer["choices"][0]["message"]["content"]}


def embedding():
    return len(openai.Embedding.create(model="text-embedding-3-small", input=QUESTION)["data"][0]["embedding"])


run(chat=chat, stream=stream, tool=tool, embedding=embedding)
