/** What the server has confirmed: receipts that can be saved as files and cleared. */
import { read, write } from "../store";
import type { Receipt } from "./kinds";

/** The newest first. */
export async function readLog(person?: number): Promise<Receipt[]> {
  const all = await read(["log"], (tx) => tx.objectStore("log").getAll());
  const mine = all.filter((receipt) => person === undefined || receipt.person === person);
  return mine.sort((a, b) => b.sent_at.localeCompare(a.sent_at));
}

export async function clearLog(receipts: readonly Receipt[]): Promise<void> {
  await write(["log"], async (tx) => {
    for (const { id } of receipts) await tx.objectStore("log").delete(id);
  });
}

const COLUMNS = ["kind", "no", "uuid", "title", "person", "made_at", "device_at", "sent_at", "received_at", "photo", "bytes", "sha256", "server_sha256", "same"] as const;

/** A cell that a spreadsheet takes for text, whatever it begins with. */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line a photo; an item without photos has one line too. */
export function asCsv(receipts: readonly Receipt[]): string {
  const lines = receipts.flatMap((receipt) => {
    const { kind, no, id, title, person_name, made_at, device_at, sent_at, received_at } = receipt;
    // 19 digits: a spreadsheet would round the number
    const head = [kind, no && `'${no}`, id, title, person_name, made_at, device_at, sent_at, received_at];
    const photos = receipt.photos.length ? receipt.photos : [null];
    return photos.map((photo) => [...head, photo?.id, photo?.bytes, photo?.sha256, photo?.server_sha256, photo?.same]);
  });
  return `\ufeff${[COLUMNS, ...lines].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

function save(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Saves the receipts as two files, JSON and CSV. */
export async function saveLog(person?: number): Promise<void> {
  const receipts = await readLog(person);
  const name = `wangge-sent-${new Date().toISOString().slice(0, 16).replaceAll(":", "")}`;
  save(`${name}.json`, JSON.stringify(receipts, null, 2), "application/json");
  save(`${name}.csv`, asCsv(receipts), "text/csv");
}
