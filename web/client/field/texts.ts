/** What this page can say. */
import { addTexts } from "../shared/texts";
import { caseTexts } from "../shared/texts/cases";
import { fieldTexts } from "../shared/texts/field";
import { frameTexts } from "../shared/texts/frame";
import { groundTexts } from "../shared/texts/ground";
import { outboxTexts } from "../shared/texts/outbox";
import { reportTexts } from "../shared/texts/report";
import { shiftTexts } from "../shared/texts/shift";
import { storyTexts } from "../shared/texts/story";
import { turnTexts } from "../shared/texts/turns";

addTexts(frameTexts, caseTexts, storyTexts, turnTexts, fieldTexts, outboxTexts, reportTexts, shiftTexts, groundTexts);
