/** Sends what waits while no page is open: one sender with the pages' own, held apart by its lock. */
import type { News } from "../outbox/exchange";
import { runSending } from "../outbox/run";

declare const self: ServiceWorkerGlobalScope;

/** Throws where something still waits, so that the browser wakes us again. */
export async function sendInBackground(): Promise<void> {
  const channel = new BroadcastChannel("wangge-outbox");
  try {
    const told = (news: News): void => channel.postMessage(news);
    const { end } = await runSending({ language: self.navigator.language, told });
    if (end === "later") throw new Error("something waits");
  } finally {
    channel.close();
  }
}
