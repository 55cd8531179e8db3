/** The words of the outbox's room, fetched with it. */
import { addTexts } from "../../shared/texts";
import { outboxRoomTexts } from "../../shared/texts/outbox_room";

addTexts(outboxRoomTexts);
