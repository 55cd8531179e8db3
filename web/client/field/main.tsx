/** `/field`: the inspector's phone. */
import "./texts";
import "../shared/styles/base.css";
import "../shared/styles/parts.css";
import "../shared/styles/case.css";
import "./field.css";
import { t } from "../shared/language";
import { start } from "../shared/parts/frame";
import { Field } from "./app";

start(() => <Field />, () => t("field.title"));
