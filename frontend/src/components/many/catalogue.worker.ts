import { readCatalogue } from "./catalogue";

self.onmessage = (event: MessageEvent<File>) => {
  void event.data
    .text()
    .then(readCatalogue)
    .catch((error: unknown) => ({ kind: "unreadable", reason: String(error) }))
    .then((read) => self.postMessage(read));
};
