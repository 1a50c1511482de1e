// Answers in a schema, with OpenAI's own SDK and with Vercel's.
import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, streamObject } from "ai";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";

const call = JSON.parse(process.argv[2]);
const client = new OpenAI({ baseURL: call.base, apiKey: call.key });
const vercel = createOpenAI({ baseURL: call.base, apiKey: call.key });
const schema = z.object({
  title: z.string(),
  steps: z.array(z.object({ what: z.string(), seconds: z.number().int() })),
  mood: z.enum(["glad", "grim"]),
  note: z.string().nullable(),
});

const chat = await client.chat.completions.parse({
  model: call.model,
  messages: [{ role: "user", content: call.prompt }],
  response_format: zodResponseFormat(schema, "plan"),
});
const response = await client.responses.parse({
  model: call.model,
  input: call.prompt,
  text: { format: zodTextFormat(schema, "plan") },
});

async function streamed(model) {
  const result = streamObject({ model, schema, prompt: call.prompt });
  for await (const part of result.partialObjectStream) void part;
  return (await result.object).title;
}

const objects = [];
for (const model of [vercel(call.model), vercel.chat(call.model)]) {
  objects.push((await generateObject({ model, schema, prompt: call.prompt })).object.title);
  objects.push(await streamed(model));
}
console.log(
  JSON.stringify({
    chat: chat.choices[0].message.parsed.title,
    response: response.output_parsed.title,
    objects,
  }),
);
