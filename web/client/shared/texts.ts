/** The texts of a page in both languages, `key: [中文, English]`: one file an area, and each audience loads only its own. */
import type { adminTexts } from "./texts/admin";
import type { calendarTexts } from "./texts/calendars";
import type { caseWords } from "./texts/case_words";
import type { caseTexts } from "./texts/cases";
import type { deskTexts } from "./texts/desk";
import type { fieldTexts } from "./texts/field";
import type { frameTexts } from "./texts/frame";
import type { groundTexts } from "./texts/ground";
import type { leadershipTexts } from "./texts/leadership";
import type { outboxTexts } from "./texts/outbox";
import type { outboxRoomTexts } from "./texts/outbox_room";
import type { patrolTexts } from "./texts/patrol";
import type { reportTexts } from "./texts/report";
import type { roomTexts } from "./texts/rooms";
import type { shiftTexts } from "./texts/shift";
import type { storyTexts } from "./texts/story";
import type { turnTexts } from "./texts/turns";
import type { verbTexts } from "./texts/verbs";

export type Pair = readonly [zh: string, en: string];

type Area<T> = Extract<keyof T, string>;
export type TextKey =
  | Area<typeof frameTexts> | Area<typeof caseTexts> | Area<typeof caseWords> | Area<typeof storyTexts> | Area<typeof turnTexts> | Area<typeof verbTexts>
  | Area<typeof fieldTexts> | Area<typeof outboxTexts> | Area<typeof outboxRoomTexts> | Area<typeof reportTexts> | Area<typeof shiftTexts> | Area<typeof roomTexts> | Area<typeof groundTexts>
  | Area<typeof deskTexts> | Area<typeof patrolTexts> | Area<typeof leadershipTexts> | Area<typeof adminTexts> | Area<typeof calendarTexts>;

/** What this page can say; filled by the audience's `texts.ts` before anything is shown. */
export const texts: Record<string, Pair> = {};

export function addTexts(...areas: Record<string, Pair>[]): void {
  Object.assign(texts, ...areas);
}
