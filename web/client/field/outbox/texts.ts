/** The words of the outbox's room, fetched with it. */
import { addTexts } from "../../shared/texts";
import { caseWords } from "../../shared/texts/case_words";
import { outboxRoomTexts } from "../../shared/texts/outbox_room";

addTexts(caseWords, outboxRoomTexts);
