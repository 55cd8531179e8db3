/** The words of a case's story, loaded with the rooms that tell it. */
import { addTexts } from "../shared/texts";
import { caseWords } from "../shared/texts/case_words";
import { storyTexts } from "../shared/texts/story";
import { turnTexts } from "../shared/texts/turns";

addTexts(caseWords, storyTexts, turnTexts);
