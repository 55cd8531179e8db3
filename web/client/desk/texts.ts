/** What this page can say. */
import { addTexts } from "../shared/texts";
import { caseWords } from "../shared/texts/case_words";
import { caseTexts } from "../shared/texts/cases";
import { deskTexts } from "../shared/texts/desk";
import { frameTexts } from "../shared/texts/frame";
import { groundTexts } from "../shared/texts/ground";
import { patrolTexts } from "../shared/texts/patrol";
import { storyTexts } from "../shared/texts/story";
import { turnTexts } from "../shared/texts/turns";
import { verbTexts } from "../shared/texts/verbs";

addTexts(frameTexts, caseTexts, caseWords, storyTexts, turnTexts, verbTexts, deskTexts, patrolTexts, groundTexts);
