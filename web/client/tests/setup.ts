/** Tests may say everything. */
import "../field/case_texts";
import "../admin/texts";
import "../desk/texts";
import "../field/outbox/texts";
import "../field/room_texts";
import "../field/texts";
import "../leadership/texts";
