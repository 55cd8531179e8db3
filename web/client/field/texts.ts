/** What this page can say from the start; a case's story has words of its own (`case_texts.ts`). */
import { addTexts } from "../shared/texts";
import { caseTexts } from "../shared/texts/cases";
import { fieldTexts } from "../shared/texts/field";
import { frameTexts } from "../shared/texts/frame";
import { groundTexts } from "../shared/texts/ground";
import { outboxTexts } from "../shared/texts/outbox";
import { reportTexts } from "../shared/texts/report";
import { shiftTexts } from "../shared/texts/shift";

addTexts(frameTexts, caseTexts, fieldTexts, outboxTexts, reportTexts, shiftTexts, groundTexts);
