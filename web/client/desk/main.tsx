/** `/desk`: the centre's seats. */
import "./texts";
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "../shared/styles/case.css";
import "./desk.css";
import "./list.css";
import "./turns.css";
import { t } from "../shared/language";
import { start } from "../shared/parts/frame";
import { Desk } from "./app";

start(() => <Desk />, () => t("desk.title"));
