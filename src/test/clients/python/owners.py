"""What one service has stored does not exist for another of the same account: takes its call as JSON, says what it saw."""

import json
import sys

import openai

call = json.loads(sys.argv[1])


def client(key):
    return openai.OpenAI(base_url=call["base"], api_key=key, max_retries=0)


def refused(deed):
    """The error that a deed ends with; "none" if it succeeds."""
    try:
        deed()
        return "none"
    except openai.APIStatusError as error:
        return f"{type(error).__name__} {error.code}"


def stored(mine):
    file = mine.files.create(file=("lines.jsonl", b"{}\n"), purpose="batch")
    store = mine.vector_stores.create(name="mine")
    response = mine.responses.create(model=call["model"], input="hello")
    return {
        "file": file.id,
        "store": store.id,
        "response": response.id,
        "conversation": mine.conversations.create().id,
        "container": mine.containers.create(name="mine").id,
        "agent": mine.beta.agents.create(model=call["model"]).id,
        "batch": mine.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        ).id,
        "job": mine.fine_tuning.jobs.create(model=call["model"], training_file=file.id).id,
    }


def others():
    theirs = stored(client(call["key"]))
    me = client(call["other"])
    mine = stored(me)
    deeds = {
        "read file": lambda: me.files.retrieve(theirs["file"]),
        "read content": lambda: me.files.content(theirs["file"]),
        "delete file": lambda: me.files.delete(theirs["file"]),
        "read response": lambda: me.responses.retrieve(theirs["response"]),
        "delete response": lambda: me.responses.delete(theirs["response"]),
        "continue response": lambda: me.responses.create(
            model=call["model"], input="x", previous_response_id=theirs["response"]
        ),
        "use conversation": lambda: me.responses.create(
            model=call["model"], input="x", conversation=theirs["conversation"]
        ),
        "search store": lambda: me.vector_stores.search(theirs["store"], query="x"),
        "add to store": lambda: me.vector_stores.files.create(mine["store"], file_id=theirs["file"]),
        "read container": lambda: me.containers.files.list(theirs["container"]),
        "read agent": lambda: me.beta.agents.retrieve(theirs["agent"]),
        "use agent": lambda: me.beta.agents.sessions.create(
            environment={"type": "none"}, agent_id=theirs["agent"], input="x"
        ),
        "cancel batch": lambda: me.batches.cancel(theirs["batch"]),
        "batch file": lambda: me.batches.create(
            input_file_id=theirs["file"], endpoint="/v1/chat/completions", completion_window="24h"
        ),
        "train on file": lambda: me.fine_tuning.jobs.create(model=call["model"], training_file=theirs["file"]),
        "read job": lambda: me.fine_tuning.jobs.retrieve(theirs["job"]),
    }
    lists = {
        "files": (me.files.list, "file"),
        "stores": (me.vector_stores.list, "store"),
        "batches": (me.batches.list, "batch"),
        "jobs": (me.fine_tuning.jobs.list, "job"),
        "containers": (me.containers.list, "container"),
        "agents": (me.beta.agents.list, "agent"),
    }
    print(
        json.dumps(
            {
                "refused": {name: refused(deed) for name, deed in deeds.items()},
                "listed": {name: [one.id for one in ask()] == [mine[kind]] for name, (ask, kind) in lists.items()},
                "own": me.files.content(mine["file"]).text,
            }
        ),
        flush=True,
    )


globals()[call["scenario"]]()
