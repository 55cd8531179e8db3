/** `/field`: the inspector's phone. */
import "./texts";
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "../shared/styles/case.css";
import "./field.css";
import "./frame.css";
import "./theme";
import { t } from "../shared/language";
import { start } from "../shared/parts/frame";
import { Field } from "./app";
import { Gate } from "./gate";

start(() => <Gate><Field /></Gate>, () => t("field.title"), false);
