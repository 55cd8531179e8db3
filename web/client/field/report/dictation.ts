/** Speech to text, where the browser has it. What is said may go to its maker's server: the page tells so. */

interface Heard {
  resultIndex: number;
  results: ArrayLike<ArrayLike<{ transcript: string }> & { isFinal: boolean }>;
}

interface Recognition {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onresult: ((event: Heard) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start(): void;
  stop(): void;
}

type Maker = new () => Recognition;

export interface Dictation {
  stop(): void;
}

function maker(): Maker | undefined {
  const known = globalThis as unknown as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return known.SpeechRecognition ?? known.webkitSpeechRecognition;
}

export function mayDictate(): boolean {
  return maker() !== undefined;
}

/** Hears until it is stopped or falls silent; each finished sentence is told once. */
export function dictate(lang: string, tell: { heard: (text: string) => void; ended: (why: "denied" | "failed" | null) => void }): Dictation {
  const Made = maker()!;
  const hearing = new Made();
  let why: "denied" | "failed" | null = null;
  Object.assign(hearing, { lang, continuous: true, interimResults: false });
  hearing.onresult = ({ resultIndex, results }) => {
    for (let at = resultIndex; at < results.length; at += 1) {
      const text = results[at]!.isFinal ? results[at]![0]!.transcript.trim() : "";
      if (text) tell.heard(text);
    }
  };
  hearing.onerror = ({ error }) => {
    if (error === "no-speech" || error === "aborted") return;
    why = error === "not-allowed" || error === "service-not-allowed" ? "denied" : "failed";
  };
  hearing.onend = () => tell.ended(why);
  hearing.start();
  return { stop: () => hearing.stop() };
}
