// A chat, whole and as a stream, with the releases of openai for Node that came before.
import { Configuration, OpenAIApi } from "openai3";
import OpenAI from "openai4";

const call = JSON.parse(process.argv[2]);
const question = { model: call.model, messages: [{ role: "user", content: call.prompt }] };

const of3 = new OpenAIApi(new Configuration({ basePath: call.base, apiKey: call.key }));
const of4 = new OpenAI({ baseURL: call.base, apiKey: call.key });

async function streamOf3() {
  const response = await of3.createChatCompletion({ ...question, stream: true }, { responseType: "stream" });
  let body = "";
  for await (const part of response.data) {
    body += part;
  }
  const events = body.split("\n\n").filter((event) => event.startsWith("data: {"));
  return events.map((event) => JSON.parse(event.slice(6)).choices[0].delta.content ?? "").join("");
}

async function streamOf4() {
  let text = "";
  for await (const chunk of await of4.chat.completions.create({ ...question, stream: true })) {
    text += chunk.choices[0].delta.content ?? "";
  }
  return text;
}

console.log(
  JSON.stringify({
    chatOf3: (await of3.createChatCompletion(question)).data.choices[0].message.content,
    streamOf3: await streamOf3(),
    chatOf4: (await of4.chat.completions.create(question)).choices[0].message.content,
    streamOf4: await streamOf4(),
  }),
);
