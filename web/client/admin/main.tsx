/** `/admin`: what administrators keep. */
import "./texts";
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "./admin.css";
import { t } from "../shared/language";
import { start } from "../shared/parts/frame";
import { Admin } from "./app";

start(() => <Admin />, () => t("admin.title"));
