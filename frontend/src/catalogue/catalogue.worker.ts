import { type Answers, readCatalogue } from "./catalogue";

self.onmessage = (event: MessageEvent<{ file: File; answers: Answers | null }>) => {
  const { file, answers } = event.data;
  void file
    .arrayBuffer()
    .then((buffer) => readCatalogue(new Uint8Array(buffer), answers))
    .catch((error: unknown) => ({ kind: "unreadable", reason: String(error) }))
    .then((read) => self.postMessage(read));
};
