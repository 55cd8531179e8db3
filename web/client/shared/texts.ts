/** Every text of the pages in both languages: `key: [中文, English]`, one file an area. */
import { adminTexts } from "./texts/admin";
import { calendarTexts } from "./texts/calendars";
import { caseTexts } from "./texts/cases";
import { frameTexts } from "./texts/frame";
import { deskTexts } from "./texts/desk";
import { fieldTexts } from "./texts/field";
import { leadershipTexts } from "./texts/leadership";
import { storyTexts } from "./texts/story";
import { turnTexts } from "./texts/turns";
import { verbTexts } from "./texts/verbs";

export type Pair = readonly [zh: string, en: string];

export const texts = {
  ...frameTexts,
  ...caseTexts,
  ...storyTexts,
  ...turnTexts,
  ...verbTexts,
  ...fieldTexts,
  ...deskTexts,
  ...leadershipTexts,
  ...adminTexts,
  ...calendarTexts,
} as const;

export type TextKey = keyof typeof texts;
