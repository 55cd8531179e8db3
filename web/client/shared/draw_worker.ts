/** Draws photos smaller beside the page. */
import { drawSmaller } from "./drawing";

interface Asked {
  n: number;
  photo: Blob;
  bytes: number;
  side: number;
}

self.onmessage = async ({ data: { n, photo, bytes, side } }: MessageEvent<Asked>) => {
  self.postMessage({ n, drawn: await drawSmaller(photo, bytes, side) });
};
