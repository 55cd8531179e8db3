/** `/leadership`: few numbers against target, then where, then which cases. */
import "./texts";
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "../shared/styles/case.css";
import "./leadership.css";
import { t } from "../shared/language";
import { start } from "../shared/parts/frame";
import { Leadership } from "./app";

start(() => <Leadership />, () => t("lead.title"));
