/** Every text of the pages in both languages: `key: [中文, English]`, one file an area. */
import { caseTexts } from "./texts/cases";
import { frameTexts } from "./texts/frame";
import { deskTexts } from "./texts/desk";
import { fieldTexts } from "./texts/field";
import { leadershipTexts } from "./texts/leadership";
import { storyTexts } from "./texts/story";

export type Pair = readonly [zh: string, en: string];

export const texts = {
  ...frameTexts,
  ...caseTexts,
  ...storyTexts,
  ...fieldTexts,
  ...deskTexts,
  ...leadershipTexts,
} as const;

export type TextKey = keyof typeof texts;
