"""What is more than text, with openai 3: answers in a schema, logprobs, batches, assistants. Says what it saw as JSON."""

import json
import sys
import warnings
from typing import Optional

import openai
from pydantic import BaseModel

warnings.filterwarnings("ignore", category=DeprecationWarning)
call = json.loads(sys.argv[1])
client = openai.OpenAI(base_url=call["base"], api_key=call["key"])
question = {"model": call["model"], "messages": [{"role": "user", "content": call["prompt"]}]}


class Step(BaseModel):
    what: str
    seconds: int
    then: Optional["Step"]


class Plan(BaseModel):
    title: str
    steps: list[Step]
    done: bool


def say(**what):
    print(json.dumps(what), flush=True)


def streamed():
    with client.chat.completions.stream(**question, response_format=Plan) as stream:
        return stream.get_final_completion().choices[0].message.parsed


def answers():
    chat = client.chat.completions.parse(**question, response_format=Plan).choices[0].message.parsed
    response = client.responses.parse(model=call["model"], input=call["prompt"], text_format=Plan).output_parsed
    tool = openai.pydantic_function_tool(Plan)
    called = client.chat.completions.parse(**question, tools=[tool]).choices[0].message.tool_calls[0]
    likely = client.chat.completions.create(**question, logprobs=True, top_logprobs=2).choices[0]
    say(
        title=chat.title,
        steps=len(chat.steps),
        streamed=streamed() == chat,
        response=response == chat,
        arguments=called.function.parsed_arguments == chat,
        logprobs="".join(token.token for token in likely.logprobs.content) == likely.message.content,
        alternatives=len(likely.logprobs.content[0].top_logprobs),
    )


def batch():
    good = {"custom_id": "good", "method": "POST", "url": "/v1/chat/completions", "body": question}
    bad = {**good, "custom_id": "bad", "body": {"model": call["model"]}}
    lines = "\n".join(json.dumps(line) for line in (good, bad)).encode()
    file = client.files.create(file=("lines.jsonl", lines), purpose="batch")
    job = client.batches.create(input_file_id=file.id, endpoint=good["url"], completion_window="24h")
    states = [job.status]
    while job.status not in ("completed", "failed"):
        job = client.batches.retrieve(job.id)
        states.append(job.status)
    answer = json.loads(client.files.content(job.output_file_id).text)
    refusal = json.loads(client.files.content(job.error_file_id).text)
    say(
        states=states,
        answered=answer["custom_id"],
        text=answer["response"]["body"]["choices"][0]["message"]["content"],
        refused=refusal["custom_id"],
        status=refusal["response"]["status_code"],
    )


def assistants():
    beta = client.beta
    assistant = beta.assistants.create(model=call["model"])
    thread = beta.threads.create(messages=[{"role": "user", "content": call["prompt"]}])
    run = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    newest = beta.threads.messages.list(thread.id).data[0]
    with beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        streamed = "".join(stream.text_deltas)
    say(
        status=run.status,
        role=newest.role,
        text=newest.content[0].text.value,
        streamed=streamed.split("-")[0],
        messages=len(beta.threads.messages.list(thread.id).data),
    )


def sound():
    steering = {"x-simulator-event-lines": call["lines"]}
    written = client.audio.transcriptions.create(
        model="gpt-4o-transcribe", file=("hello.mp3", b"sound"), stream=True, extra_headers=steering
    )
    types = [event.type for event in written]
    spoken = client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="hello", stream_format="sse", extra_headers=steering
    )
    with spoken as response:
        lines = [line for line in response.iter_lines() if line]
    say(
        delta=types[0],
        done=types[-1],
        named=lines[0].startswith("event: "),
        end=json.loads(lines[-1].removeprefix("data: "))["type"],
    )


globals()[call["scenario"]]()
