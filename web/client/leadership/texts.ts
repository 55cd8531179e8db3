/** What this page can say. */
import { addTexts } from "../shared/texts";
import { caseWords } from "../shared/texts/case_words";
import { caseTexts } from "../shared/texts/cases";
import { frameTexts } from "../shared/texts/frame";
import { groundTexts } from "../shared/texts/ground";
import { leadershipTexts } from "../shared/texts/leadership";
import { storyTexts } from "../shared/texts/story";
import { turnTexts } from "../shared/texts/turns";

addTexts(frameTexts, caseTexts, caseWords, storyTexts, turnTexts, leadershipTexts, groundTexts);
