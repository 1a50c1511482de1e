"""openai 1.0 and later."""

import json

import openai
from pydantic import BaseModel

from contract import KEY, QUESTION, URL, WEATHER, run

client = openai.OpenAI(base_url=URL, api_key=KEY)
MODEL = "gpt-4o-mini"
MESSAGES = [{"role": "user", "content": QUESTION}]


class City(BaseModel):
    name: str
    population: int


def chat():
    return client.chat.completions.create(model=MODEL, messages=MESSAGES).choices[0].message.content


def stream():
    with client.chat.completions.stream(model=MODEL, messages=MESSAGES) as events:
        return [event.delta for event in events if event.type == "content.delta"]


def tool():
    wanted = client.chat.completions.create(model=MODEL, messages=MESSAGES, tools=[WEATHER]).choices[0].message
    call = wanted.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    answer = client.chat.completions.create(model=MODEL, messages=[*MESSAGES, wanted, result], tools=[WEATHER])
    return {"city": json.loads(call.function.arguments)["city"], "text": answer.choices[0].message.content}


def embedding():
    return len(client.embeddings.create(model="text-embedding-3-small", input=QUESTION).data[0].embedding)


def structured():
    answer = client.chat.completions.parse(model=MODEL, messages=MESSAGES, response_format=City)
    return answer.choices[0].message.parsed.model_dump()


def websocket():
    with client.responses.connect() as connection:
        connection.response.create(model=MODEL, input=QUESTION)
        for event in connection:
            if event.type == "response.completed":
                return event.response.output_text


async def realtime():
    async with openai.AsyncOpenAI(base_url=URL, api_key=KEY).realtime.connect(model="gpt-realtime") as connection:
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        await connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": QUESTION}]}
        )
        await connection.response.create()
        async for event in connection:
            if event.type == "response.output_text.done":
                return event.text


run(
    chat=chat,
    stream=stream,
    tool=tool,
    embedding=embedding,
    structured=structured,
    websocket=websocket,
    realtime=realtime,
)
