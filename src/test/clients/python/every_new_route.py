"""Every route that came with agents, decisions and live sessions: takes its call as JSON, says how much it deleted.

Each answer is held to the SDK's own type, with all members that the type requires.
"""

import json
import sys

import openai

call = json.loads(sys.argv[1])
options = {"base_url": call["base"], "api_key": call["key"], "admin_api_key": call["key"], "max_retries": 0}
client = openai.OpenAI(**options, _strict_response_validation=True)
# For what older routes make, which others test.
lenient = openai.OpenAI(**options)
deleted = []


def same(made, read):
    assert made.id == read.id, f"{made} is not {read}"
    return read


def among(page, made):
    assert made.id in [one.id for one in page.data], f"{made} is not in {page}"


def delete(answer):
    assert answer.deleted, answer
    deleted.append(answer.object)


def everything(api, **wanted):
    """Makes an object and reads it, alone and in its list."""
    made = api.create(**wanted)
    among(api.list(), made)
    return same(made, api.retrieve(made.id))


def environments():
    api = client.beta.agents.environments
    environment = everything(api, environment={"type": "openai_hosted"})
    api.files.create(environment.id, type="inline", path="/workspace/a", data="YQ==")
    assert api.files.list(environment.id).data[0].path == "/workspace/a"
    template = everything(api.templates, name="template")
    assert api.templates.update(template.id, name="other").name == "other"
    delete(api.templates.delete(template.id))


def automations(agent):
    api = client.beta.agents.automations
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
    target = {"type": "new_session", "agent_id": agent.id, "environment": {"type": "none"}, "input": [message]}
    automation = everything(api, type="once", name="later", run_at=1, target=target)
    assert api.update(automation.id, name="renamed").name == "renamed"
    assert api.pause(automation.id).status == "paused"
    assert api.resume(automation.id).status == "active"
    invocation = api.invocations.create(automation.id)
    among(api.invocations.list(automation.id), invocation)
    same(invocation, api.invocations.retrieve(invocation.id, automation_id=automation.id))
    delete(api.delete(automation.id))


def subagents(session):
    api = client.beta.agents.sessions.subagents
    subagent = api.list(session.id).data[0]
    inside = {"session_id": session.id, "subagent_id": subagent.id}
    same(subagent, api.retrieve(subagent.id, session_id=session.id))
    assert len(api.items.list(subagent.id, session_id=session.id).data) == 2
    turn = api.turns.list(subagent.id, session_id=session.id).data[0]
    same(turn, api.turns.retrieve(turn.id, **inside))
    assert len(api.turns.items.list(turn.id, **inside).data) == 2


def sessions(agent):
    api = client.beta.agents.sessions
    session = everything(api, environment={"type": "none"}, agent_id=agent.id, input="hello")
    content = [{"type": "input_text", "text": "again"}]
    api.events.create(session.id, events=[{"type": "agent.session.input.message", "content": content}])
    assert [event.type for event in api.events.stream(session.id)][-1] == "agent.session.idle"
    assert api.update(session.id, metadata={"a": "b"}).metadata == {"a": "b"}
    assert len(api.items.list(session.id).data) == 4
    assert len(api.traces.list(session.id).data) == 2
    turn = api.turns.list(session.id).data[0]
    same(turn, api.turns.retrieve(turn.id, session_id=session.id))
    assert len(api.turns.items.list(turn.id, session_id=session.id).data) == 2
    subagents(session)
    artifact = api.artifacts.list(session.id).data[0]
    same(artifact, api.artifacts.retrieve(artifact.id, session_id=session.id))
    assert api.artifacts.content(artifact.id, session_id=session.id).read().startswith(b"answer-")
    delete(api.artifacts.delete(artifact.id, session_id=session.id))
    delete(api.delete(session.id))


def agents():
    api = client.beta.agents
    agent = everything(api, model=call["model"], name="helper", multi_agent={"enabled": True})
    assert api.update(agent.id, name="renamed").name == "renamed"
    environments()
    automations(agent)
    sessions(agent)
    delete(api.delete(agent.id))


def vaults():
    api = client.beta.agents.vaults
    vault = everything(api, name="secrets")
    assert api.update(vault.id, name="renamed").name == "renamed"
    auth = {"type": "static_bearer", "mcp_server_url": "https://mcp.test", "token": "not to be seen"}
    credential = api.credentials.create(vault.id, name="one", auth=auth)
    among(api.credentials.list(vault.id), credential)
    same(credential, api.credentials.retrieve(credential.id, vault_id=vault.id))
    changed = api.credentials.update(credential.id, vault_id=vault.id, metadata={"a": "b"})
    assert changed.metadata == {"a": "b"} and "not to be seen" not in changed.to_json()
    delete(api.credentials.delete(credential.id, vault_id=vault.id))
    delete(api.delete(vault.id))


def webhooks():
    api = client.webhooks
    kind = api.event_types.list().data[0]
    webhook = everything(api, name="hook", url="https://hook.test", event_types=[kind])
    assert api.update(webhook.id, name="renamed").name == "renamed"
    assert api.rotate_secret(webhook.id).signing_secret.startswith("whsec_")
    assert api.test(webhook.id, event_type=kind).event_type == kind
    delete(api.delete(webhook.id))


def clouds():
    keys = client.admin.organization.external_keys
    key = everything(keys, name="key", type="aws", kms_arn="arn:kms", role_arn="arn:role", external_id="id")
    assert keys.validate(key.id).status
    same(key, keys.delete(key.id))
    stores = client.admin.organization.external_storage
    provider = {"type": "aws", "bucket": "bucket", "role_arn": "arn:role"}
    store = everything(stores, project_id="proj_1", provider=provider)
    assert stores.validate(store.id).status == "validated"
    delete(stores.delete(store.id))


def identities():
    api = client.admin.organization.workload_identity_providers
    provider = everything(api, type="oidc", name="ci", issuer="https://ci.test", audience="api")
    assert api.update(provider.id, description="builds").description == "builds"
    rules = api.federation_rules
    within = {"workload_identity_provider_id": provider.id}
    matchers = {"sub": "repo"}
    rule = rules.create(provider.id, attribute_matchers=matchers, project_id="proj_1", service_account_id="sa_1")
    among(rules.list(provider.id), rule)
    same(rule, rules.retrieve(rule.id, **within))
    assert rules.update(rule.id, **within, enabled=False).enabled is False
    delete(rules.delete(rule.id, **within))
    delete(api.delete(provider.id))


def projects():
    organization = client.admin.organization
    tiers = organization.projects.service_tier_settings
    assert tiers.retrieve("proj_1").default == "standard"
    tiers.update("proj_1", default="fast")
    assert tiers.retrieve("proj_1").default == "fast"
    assert organization.projects.api_keys.update("key_1", project_id="proj_1", scopes=["all"]).id == "key_1"
    assert organization.usage.decisions(start_time=1).data[0].start_time == 1
    assert client.safety.alerts.retrieve("alert_1").id == "alert_1"
    assert client.safety.cases.retrieve("case_1").id == "case_1"


def models():
    questions = [
        {"type": "predicate", "name": "polite", "instructions": "Is it polite?"},
        {"type": "choice", "instructions": "Which?", "choices": [{"value": "a"}, {"value": "b"}]},
        {"type": "score", "instructions": "How?", "levels": [{"label": "low"}, {"label": "high"}]},
    ]
    decision = client.decisions.create(model="gpt-6-luna", input="hello", questions=questions)
    assert [answer.type for answer in decision.answers] == ["predicate", "choice", "score"]
    voice = lenient.audio.voices.create(name="voice", prompt="calm", type="prompt")
    delete(client.audio.voices.delete(voice.id))
    source = {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {}}]}}
    schema = {"type": "custom", "item_schema": {}}
    evaluation = lenient.evals.create(data_source_config=schema, testing_criteria=[])
    run = lenient.evals.runs.create(evaluation.id, data_source=source, name="run")
    assert client.evals.runs.cancel(run.id, eval_id=evaluation.id).status == "canceled"


def calls():
    """Over WebRTC, and of telephones, which a webhook announces."""
    transport = {"type": "webrtc", "sdp": "v=0"}
    api = client.live.sessions
    session = client.live.create(session={"model": "gpt-live-1"}, transport=transport).session
    assert api.fork(session.id, transport=transport).transport.type == "webrtc"
    api.accept("live_ringing", session={"model": "gpt-live-1"})
    api.refer("live_ringing", target_uri="tel:+14155550123")
    api.reject("live_unwanted", status_code=486)
    assert api.download_recording(session.id).read() == b"recording"
    return session


def heard(connecting, *events):
    with connecting as connection:
        for event in events:
            connection.send(event)
        return connection.recv().type


def sockets(session):
    live = client.live
    start = {"type": "session.start", "session": {"model": "gpt-live-1"}}
    assert heard(live.connect(), start) == "session.started"
    assert heard(live.forks.connect(session_id=session.id), {**start, "session": {}}) == "session.started"
    update = {"type": "session.update", "session": {"instructions": "Be brief."}}
    assert heard(live.sideband.connect(session_id=session.id), update) == "session.updated"
    assert heard(client.realtime.translations.connect(model="gpt-realtime-translate")) == "session.created"
    live.sessions.hangup(session.id)


for each in (agents, vaults, webhooks, clouds, identities, projects, models):
    each()
sockets(calls())
print(json.dumps({"deleted": sorted(deleted)}), flush=True)
