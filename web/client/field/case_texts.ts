/** The words of a case's story, loaded with the rooms that tell it. */
import { addTexts } from "../shared/texts";
import { storyTexts } from "../shared/texts/story";
import { turnTexts } from "../shared/texts/turns";

addTexts(storyTexts, turnTexts);
