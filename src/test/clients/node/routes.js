// Every kind of route with openai for Node, beyond what client.js asks: takes its call as JSON, says what it saw.
import OpenAI, { AzureOpenAI, toFile } from "openai";

const call = JSON.parse(process.argv[2]);
const say = (what) => console.log(JSON.stringify(what));
const lines = "{}\n";

const all = async (page) => {
  const ids = [];
  for await (const one of page) {
    ids.push(one.id);
  }
  return ids;
};

async function files(client) {
  const file = await client.files.create({ file: await toFile(Buffer.from(lines), "lines.jsonl"), purpose: "batch" });
  const job = await client.fineTuning.jobs.create({ model: call.model, training_file: file.id });
  const batch = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
  });
  const store = await client.vectorStores.create({ name: "mine" });
  return {
    file: (await all(client.files.list())).includes(file.id),
    content: await (await client.files.content(file.id)).text(),
    fineTuning: (await all(client.fineTuning.jobs.list())).includes(job.id),
    batch: (await all(client.batches.list())).includes(batch.id),
    vectorStore: (await all(client.vectorStores.list())).includes(store.id),
    vectorStoreDeleted: (await client.vectorStores.delete(store.id)).deleted,
    fileDeleted: (await client.files.delete(file.id)).deleted,
  };
}

async function media(client) {
  const image = await client.images.generate({ model: "gpt-image-1", prompt: "a dot" });
  const png = await toFile(Buffer.from(image.data[0].b64_json, "base64"), "dot.png", { type: "image/png" });
  const edited = await client.images.edit({ model: "gpt-image-1", prompt: "another", image: png });
  const speech = await client.audio.speech.create({ model: "tts-1", voice: "alloy", input: "hello" });
  const sound = Buffer.from(await speech.arrayBuffer());
  const text = await client.audio.transcriptions.create({
    model: "gpt-4o-transcribe",
    file: await toFile(sound, "hello.mp3"),
  });
  return {
    image: image.data.length,
    edited: edited.data.length,
    speech: sound.length,
    transcription: text.text.split("-")[0],
  };
}

async function azure() {
  const client = new AzureOpenAI({ endpoint: new URL(call.base).origin, apiKey: call.key, apiVersion: "2024-10-21" });
  const messages = [{ role: "user", content: call.prompt }];
  const chat = await client.chat.completions.create({ model: call.model, messages });
  const embedding = await client.embeddings.create({ model: "text-embedding-3-small", input: "hello" });
  return { text: chat.choices[0].message.content, embedding: embedding.data[0].embedding.length };
}

async function realtime(client) {
  const { OpenAIRealtimeWS } = await import("openai/realtime/ws");
  const session = new OpenAIRealtimeWS({ model: "gpt-realtime" }, client);
  const events = [];
  return new Promise((done, fail) => {
    session.on("error", fail);
    session.on("session.created", () => {
      session.send({ type: "session.update", session: { type: "realtime", instructions: "Be brief." } });
    });
    session.on("session.updated", () => session.send({ type: "response.create" }));
    session.on("response.done", (event) => {
      session.close();
      done({ events: [...new Set(events)], tokens: event.response.usage.total_tokens });
    });
    session.on("event", (event) => events.push(event.type));
  });
}

const scenarios = {
  async routes() {
    const client = new OpenAI({ baseURL: call.base, apiKey: call.key });
    say({
      ...(await files(client)),
      ...(await media(client)),
      model: (await client.models.retrieve(call.model)).id,
    });
  },

  async azure() {
    say(await azure());
  },

  async realtime() {
    say(await realtime(new OpenAI({ baseURL: call.base, apiKey: call.key })));
  },
};

await scenarios[call.scenario]();
