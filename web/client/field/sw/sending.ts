/** Sending from the service worker; filled when the outbox's sender is there. */
export async function sendInBackground(_worker: ServiceWorkerGlobalScope): Promise<void> {
  return Promise.resolve();
}
