"""The routes that came with agents, decisions and live sessions: takes its call as JSON, says what it saw."""

import json
import sys

import openai

call = json.loads(sys.argv[1])
client = openai.OpenAI(base_url=call["base"], api_key=call["key"], max_retries=0)


def ids(page):
    return [one.id for one in page]


def agents():
    beta = client.beta.agents
    agent = beta.create(model=call["model"], name="helper")
    beta.update(agent.id, name="renamed")
    environment = beta.environments.create(environment={"type": "openai_hosted"})
    beta.environments.files.create(environment.id, type="inline", path="/workspace/a", data="YQ==")
    template = beta.environments.templates.create(name="template")
    beta.environments.templates.update(template.id, name="other")
    session = beta.sessions.create(environment={"type": "none"}, agent_id=agent.id, input="hello")
    beta.sessions.events.create(
        session.id,
        events=[{"type": "agent.session.input.message", "content": [{"type": "input_text", "text": "again"}]}],
        idempotency_key="once",
    )
    streamed = [event.type for event in beta.sessions.events.stream(session.id)]
    begun = [
        event.type
        for event in beta.sessions.create(environment={"type": "none"}, agent_id=agent.id, input="hi", stream=True)
    ]
    turns = beta.sessions.turns.list(session.id).data
    artifact = beta.sessions.artifacts.list(session.id).data[0]
    target = {"type": "new_session", "agent_id": agent.id, "environment": {"type": "none"}, "input": []}
    automation = beta.automations.create(type="once", name="later", run_at=1, target=target)
    beta.automations.pause(automation.id)
    beta.automations.resume(automation.id)
    invocation = beta.automations.invocations.create(automation.id)
    return {
        "agent": agent.id in ids(beta.list()),
        "environment": environment.id in ids(beta.environments.list()),
        "environmentFiles": len(beta.environments.files.list(environment.id).data),
        "template": template.id in ids(beta.environments.templates.list()),
        "session": session.id in ids(beta.sessions.list()),
        "renamed": beta.retrieve(agent.id).name,
        "updated": beta.sessions.update(session.id, metadata={"a": "b"}).id == session.id,
        "streamed": streamed[-1],
        "begun": begun[0],
        "turns": len(turns),
        "items": len(beta.sessions.turns.items.list(turns[0].id, session_id=session.id).data),
        "subagents": len(beta.sessions.subagents.list(session.id).data),
        "traces": len(beta.sessions.traces.list(session.id).data),
        "artifact": beta.sessions.artifacts.content(artifact.id, session_id=session.id).read().decode()[:7],
        "invocation": invocation.id in ids(beta.automations.invocations.list(automation.id)),
        "deleted": [
            beta.automations.delete(automation.id).deleted,
            beta.sessions.delete(session.id).deleted,
            beta.environments.templates.delete(template.id).deleted,
            beta.delete(agent.id).deleted,
        ],
    }


def administration():
    vault = client.beta.agents.vaults.create(name="secrets")
    webhook = client.get("/webhook_endpoints", cast_to=object)
    return {
        "vault": vault.id in ids(client.beta.agents.vaults.list()),
        "webhooks": webhook["object"],
        "events": client.get("/webhook_event_types", cast_to=object)["object"],
        "tiers": client.get("/organization/projects/p/service_tier_settings", cast_to=object)["object"],
    }


def decisions():
    decision = client.decisions.create(
        model="gpt-6-luna",
        input="hello",
        questions=[
            {"type": "predicate", "name": "polite", "instructions": "Is it polite?"},
            {"type": "choice", "instructions": "Which?", "choices": [{"value": "a"}, {"value": "b"}]},
            {"type": "score", "instructions": "How?", "levels": [{"label": "low"}, {"label": "high"}]},
        ],
    )
    return {"answers": [answer.type for answer in decision.answers], "tokens": decision.usage.output_tokens}


def live():
    created = client.live.create(session={"model": "gpt-live-1"}, transport={"type": "webrtc", "sdp": "v=0"})
    client.live.sessions.hangup(created.session.id)
    with client.live.connect() as connection:
        connection.send({"type": "session.start", "session": {"model": "gpt-live-1"}})
        started = connection.recv()
        connection.send({"type": "response.create"})
        events = [connection.recv()]
        while events[-1].type != "session.usage.updated":
            events.append(connection.recv())
        connection.send({"type": "session.close"})
        closed = connection.recv()
    return {
        "created": created.transport.type,
        "started": started.type,
        "events": sorted({event.type for event in events}),
        "closed": closed.type,
    }


def lanes():
    """Eight at once, of two models; each answer names its lane."""
    tokens = {}
    with client.responses.connect() as connection:
        for lane in "abcdefgh":
            model = "gpt-4o" if lane in "aceg" else "gpt-4.1"
            connection.response.create(model=model, input=lane * 40, stream_id=lane, store=False)
        while len(tokens) < 8:
            event = connection.recv()
            if event.type == "response.completed":
                tokens[event.stream_id] = [event.response.model, event.response.usage.total_tokens]
    totals = {}
    for model, total in tokens.values():
        totals[model] = totals.get(model, 0) + total
    return {"lanes": sorted(tokens), "totals": totals}


def media():
    chat = client.chat.completions.create(
        model="gpt-audio",
        modalities=["text", "audio"],
        audio={"voice": "alloy", "format": "wav"},
        messages=[{"role": "user", "content": "hello"}],
    )
    video = client.videos.create(model="sora-2", prompt="a dot")
    skill = client.skills.create(files=[("SKILL.md", b"a")])
    container = client.containers.create(name="box")
    file = client.containers.files.create(container.id, file=("a.txt", b"a"))
    return {
        "transcript": chat.choices[0].message.audio.transcript.split("-")[0],
        "video": client.videos.download_content(video.id).read().decode().split(" ")[0],
        "skill": skill.id in ids(client.skills.list()),
        "container": file.id in ids(client.containers.files.list(container.id)),
        "tier": client.responses.create(model=call["model"], input="x", service_tier="priority").service_tier,
    }


print(
    json.dumps(
        {
            "agents": agents(),
            "administration": administration(),
            "decisions": decisions(),
            "live": live(),
            "lanes": lanes(),
            "media": media(),
        }
    ),
    flush=True,
)
