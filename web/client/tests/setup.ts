/** Tests may say everything. */
import "../admin/texts";
import "../desk/texts";
import "../field/texts";
import "../leadership/texts";
