/** What this page can say. */
import { addTexts } from "../shared/texts";
import { frameTexts } from "../shared/texts/frame";

addTexts(frameTexts);
