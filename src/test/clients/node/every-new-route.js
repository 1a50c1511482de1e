// Every route that came with agents, decisions and live sessions: takes its call as JSON, says how much it deleted.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { ForksWS } from "openai/resources/live/forks/ws";
import { SidebandWS } from "openai/resources/live/sideband/ws";
import { LiveWS } from "openai/resources/live/ws";

const call = JSON.parse(process.argv[2]);
const client = new OpenAI({ baseURL: call.base, apiKey: call.key, adminAPIKey: call.key, maxRetries: 0 });
const deleted = [];

function same(made, read) {
  assert.ok(made.id);
  assert.equal(read.id, made.id);
  return read;
}

function among(page, made) {
  assert.ok(page.data.map((one) => one.id).includes(made.id));
}

async function remove(answer) {
  const { deleted: gone, object } = await answer;
  assert.equal(gone, true);
  deleted.push(object);
}

async function renamed(answer) {
  assert.equal((await answer).name, "renamed");
}

/** Makes an object and reads it, alone and in its list. */
async function everything(api, wanted) {
  const made = await api.create(wanted);
  among(await api.list(), made);
  return same(made, await api.retrieve(made.id));
}

async function environments() {
  const api = client.beta.agents.environments;
  const environment = await everything(api, { environment: { type: "openai_hosted" } });
  await api.files.create(environment.id, { type: "inline", path: "/workspace/a", data: "YQ==" });
  assert.equal((await api.files.list(environment.id)).data[0].path, "/workspace/a");
  const template = await everything(api.templates, { name: "template" });
  await renamed(api.templates.update(template.id, { name: "renamed" }));
  await remove(api.templates.delete(template.id));
}

async function automations(agent) {
  const api = client.beta.agents.automations;
  const message = { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] };
  const target = { type: "new_session", agent_id: agent.id, environment: { type: "none" }, input: [message] };
  const automation = await everything(api, { type: "once", name: "later", run_at: 1, target });
  await renamed(api.update(automation.id, { name: "renamed" }));
  assert.equal((await api.pause(automation.id)).status, "paused");
  assert.equal((await api.resume(automation.id)).status, "active");
  const invocation = await api.invocations.create(automation.id);
  among(await api.invocations.list(automation.id), invocation);
  same(invocation, await api.invocations.retrieve(invocation.id, { automation_id: automation.id }));
  await remove(api.delete(automation.id));
}

async function subagents(session) {
  const api = client.beta.agents.sessions.subagents;
  const [subagent] = (await api.list(session.id)).data;
  const within = { session_id: session.id };
  same(subagent, await api.retrieve(subagent.id, within));
  assert.equal((await api.items.list(subagent.id, within)).data.length, 2);
  const [turn] = (await api.turns.list(subagent.id, within)).data;
  const inside = { ...within, subagent_id: subagent.id };
  same(turn, await api.turns.retrieve(turn.id, inside));
  assert.equal((await api.turns.items.list(turn.id, inside)).data.length, 2);
}

async function sessions(agent) {
  const api = client.beta.agents.sessions;
  const session = await everything(api, { environment: { type: "none" }, agent_id: agent.id, input: "hello" });
  const within = { session_id: session.id };
  const content = [{ type: "input_text", text: "again" }];
  await api.events.create(session.id, { events: [{ type: "agent.session.input.message", content }] });
  const events = [];
  for await (const event of await api.events.stream(session.id)) {
    events.push(event.type);
  }
  assert.equal(events.at(-1), "agent.session.idle");
  assert.deepEqual((await api.update(session.id, { metadata: { a: "b" } })).metadata, { a: "b" });
  assert.equal((await api.items.list(session.id)).data.length, 4);
  assert.equal((await api.traces.list(session.id)).data.length, 2);
  const [turn] = (await api.turns.list(session.id)).data;
  same(turn, await api.turns.retrieve(turn.id, within));
  assert.equal((await api.turns.items.list(turn.id, within)).data.length, 2);
  await subagents(session);
  const [artifact] = (await api.artifacts.list(session.id)).data;
  same(artifact, await api.artifacts.retrieve(artifact.id, within));
  assert.match(await (await api.artifacts.content(artifact.id, within)).text(), /^answer-/);
  await remove(api.artifacts.delete(artifact.id, within));
  await remove(api.delete(session.id));
}

async function agents() {
  const api = client.beta.agents;
  const agent = await everything(api, { model: call.model, name: "helper", multi_agent: { enabled: true } });
  await renamed(api.update(agent.id, { name: "renamed" }));
  await environments();
  await automations(agent);
  await sessions(agent);
  await remove(api.delete(agent.id));
}

async function vaults() {
  const api = client.beta.agents.vaults;
  const vault = await everything(api, { name: "secrets" });
  const within = { vault_id: vault.id };
  await renamed(api.update(vault.id, { name: "renamed" }));
  const auth = { type: "static_bearer", mcp_server_url: "https://mcp.test", token: "not to be seen" };
  const credential = await api.credentials.create(vault.id, { name: "one", auth });
  among(await api.credentials.list(vault.id), credential);
  same(credential, await api.credentials.retrieve(credential.id, within));
  const changed = await api.credentials.update(credential.id, { ...within, metadata: { a: "b" } });
  assert.deepEqual(changed.metadata, { a: "b" });
  await remove(api.credentials.delete(credential.id, within));
  await remove(api.delete(vault.id));
}

async function webhooks() {
  const api = client.webhooks;
  const [kind] = (await api.eventTypes.list()).data;
  const webhook = await everything(api, { name: "hook", url: "https://hook.test", event_types: [kind] });
  await renamed(api.update(webhook.id, { name: "renamed" }));
  assert.match((await api.rotateSecret(webhook.id)).signing_secret, /^whsec_/);
  assert.equal((await api.test(webhook.id, { event_type: kind })).event_type, kind);
  await remove(api.delete(webhook.id));
}

async function clouds() {
  const { externalKeys: keys, externalStorage: stores } = client.admin.organization;
  const at = { kms_arn: "arn:kms", role_arn: "arn:role", external_id: "id" };
  const key = await everything(keys, { name: "key", type: "aws", ...at });
  assert.ok((await keys.validate(key.id)).status);
  same(key, await keys.delete(key.id));
  const provider = { type: "aws", bucket: "bucket", role_arn: "arn:role" };
  const store = await everything(stores, { project_id: "proj_1", provider });
  assert.equal((await stores.validate(store.id)).status, "validated");
  await remove(stores.delete(store.id));
}

async function identities() {
  const api = client.admin.organization.workloadIdentityProviders;
  const provider = await everything(api, { type: "oidc", name: "ci", issuer: "https://ci.test", audience: "api" });
  await renamed(api.update(provider.id, { name: "renamed" }));
  const rules = api.federationRules;
  const within = { workload_identity_provider_id: provider.id };
  const rule = await rules.create(provider.id, {
    attribute_matchers: { sub: "repo" },
    project_id: "proj_1",
    service_account_id: "sa_1",
  });
  among(await rules.list(provider.id), rule);
  same(rule, await rules.retrieve(rule.id, within));
  assert.equal((await rules.update(rule.id, { ...within, enabled: false })).enabled, false);
  await remove(rules.delete(rule.id, within));
  await remove(api.delete(provider.id));
}

async function projects() {
  const { projects: of, usage } = client.admin.organization;
  assert.equal((await of.serviceTierSettings.retrieve("proj_1")).default, "standard");
  assert.equal((await of.serviceTierSettings.update("proj_1", { default: "fast" })).default, "fast");
  assert.equal((await of.apiKeys.update("key_1", { project_id: "proj_1", scopes: ["all"] })).id, "key_1");
  assert.equal((await usage.decisions({ start_time: 1 })).data[0].start_time, 1);
  assert.equal((await client.safety.alerts.retrieve("alert_1")).id, "alert_1");
  assert.equal((await client.safety.cases.retrieve("case_1")).id, "case_1");
}

async function models() {
  const questions = [{ type: "predicate", name: "polite", instructions: "Is it polite?" }];
  const decision = await client.decisions.create({ model: "gpt-6-luna", input: "hello", questions });
  assert.equal(decision.answers[0].type, "predicate");
  const voice = await client.audio.voices.create({ name: "voice", prompt: "calm", type: "prompt" });
  await remove(client.audio.voices.delete(voice.id));
  const source = { type: "jsonl", source: { type: "file_content", content: [{ item: {} }] } };
  const schema = { type: "custom", item_schema: {} };
  const evaluation = await client.evals.create({ data_source_config: schema, testing_criteria: [] });
  const run = await client.evals.runs.create(evaluation.id, { data_source: source, name: "run" });
  assert.equal((await client.evals.runs.cancel(run.id, { eval_id: evaluation.id })).status, "canceled");
}

/** Over WebRTC, and of telephones, which a webhook announces. */
async function calls() {
  const transport = { type: "webrtc", sdp: "v=0" };
  const api = client.live.sessions;
  const { session } = await client.live.create({ session: { model: "gpt-live-1" }, transport });
  assert.equal((await api.fork(session.id, { transport })).transport.type, "webrtc");
  await api.accept("live_ringing", { session: { model: "gpt-live-1" } });
  await api.refer("live_ringing", { target_uri: "tel:+14155550123" });
  await api.reject("live_unwanted", { status_code: 486 });
  assert.equal(await (await api.downloadRecording(session.id)).text(), "recording");
  return session;
}

/** Sends what is to be said, if anything, and waits for an event. */
function heard(connection, type, said) {
  return new Promise((done, fail) => {
    connection.on("error", fail);
    connection.on(type, () => {
      connection.close();
      done();
    });
    if (said) {
      connection.send(said);
    }
  });
}

async function sockets(session) {
  const of = { session_id: session.id };
  const start = { type: "session.start", session: { model: "gpt-live-1" } };
  await heard(new LiveWS(client), "session.started", start);
  await heard(new ForksWS(client, of), "session.started", { ...start, session: {} });
  const update = { type: "session.update", session: { instructions: "Be brief." } };
  await heard(new SidebandWS(client, of), "session.updated", update);
  await client.live.sessions.hangup(session.id);
}

for (const each of [agents, vaults, webhooks, clouds, identities, projects, models]) {
  await each();
}
await sockets(await calls());
console.log(JSON.stringify({ deleted: deleted.sort() }));
