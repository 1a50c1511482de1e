// One scenario with openai for Node: takes its call as JSON, says what it saw in lines of JSON.
import OpenAI from "openai";

const call = JSON.parse(process.argv[2]);
const client = new OpenAI({ baseURL: call.base, apiKey: call.key });
const question = { model: call.model, messages: [{ role: "user", content: call.prompt }] };

const say = (what) => console.log(JSON.stringify(what));

const failure = (error) => ({
  error: error.constructor.name,
  ours: error instanceof OpenAI.OpenAIError,
  status: error.status,
  code: error.code,
  requestId: error.requestID,
  message: error.message,
});

async function chat() {
  const { data, response } = await client.chat.completions.create(question).withResponse();
  return { text: data.choices[0].message.content, cache: response.headers.get("x-sluice-cache") };
}

async function chatStream(options) {
  let text = "";
  let usage = null;
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true, ...options })) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage?.total_tokens ?? usage;
  }
  return { text, usage };
}

async function responseStream() {
  let text = "";
  let end = null;
  for await (const event of await client.responses.create({ model: call.model, input: call.prompt, stream: true })) {
    text += event.type === "response.output_text.delta" ? event.delta : "";
    end = event.type;
  }
  return { text, end };
}

const models = async () => (await client.models.list()).data.map((model) => model.id);

const opened = () =>
  call.api === "responses"
    ? client.responses.create({ model: call.model, input: call.prompt, stream: true })
    : client.chat.completions.create({ ...question, stream: true });

const scenarios = {
  async answers() {
    say({
      chat: await chat(),
      chatAgain: await chat(),
      chatStream: await chatStream({}),
      chatStreamAgain: await chatStream({}),
      chatStreamUsage: await chatStream({ stream_options: { include_usage: true } }),
      embedding: (await client.embeddings.create({ model: "text-embedding-3-small", input: "hello" })).data[0].embedding
        .length,
      moderation: (await client.moderations.create({ input: "hello" })).results[0].flagged,
      response: (await client.responses.create({ model: call.model, input: call.prompt })).output_text,
      responseStream: await responseStream(),
      models: await models(),
    });
  },

  async ask() {
    const began = performance.now();
    try {
      say(await chat());
    } catch (error) {
      say({ ...failure(error), seconds: (performance.now() - began) / 1000 });
    }
  },

  async models() {
    say({ models: await models() });
  },

  async stream() {
    let chunks = 0;
    try {
      for await (const chunk of await opened()) {
        chunks += 1;
        if (chunks === 1) {
          say({ event: "first" });
        }
      }
      say({ chunks });
    } catch (error) {
      say({ ...failure(error), chunks });
    }
  },

  async leave() {
    let at;
    for await (const chunk of await opened()) {
      at = Date.now();
      break;
    }
    say({ event: "closed", at });
    for await (const nothing of process.stdin) {
      // The process lives until it is released.
    }
  },
};

await scenarios[call.scenario]();
