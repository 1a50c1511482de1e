// A program that opens the WebSocket itself.
import WebSocket from "ws";
import { key, question, run, url } from "./contract.js";

await run({
  realtime() {
    const socket = new WebSocket(url.replace(/^http/, "ws") + "/realtime?model=gpt-realtime", {
      headers: { authorization: `Bearer ${key}` },
    });
    const send = (event) => socket.send(JSON.stringify(event));
    return new Promise((done, fail) => {
      socket.on("error", fail);
      socket.on("open", () => {
        send({ type: "session.update", session: { type: "realtime", output_modalities: ["text"] } });
        const content = [{ type: "input_text", text: question }];
        send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
        send({ type: "response.create" });
      });
      socket.on("message", (data) => {
        const event = JSON.parse(data);
        if (event.type === "response.output_text.done") {
          socket.close();
          done(event.text);
        }
      });
    });
  },
});
