/** The words of the rooms that are fetched when they are opened. */
import { addTexts } from "../shared/texts";
import { roomTexts } from "../shared/texts/rooms";

addTexts(roomTexts);
