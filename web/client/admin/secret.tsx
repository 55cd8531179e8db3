/** A secret that is shown this once, with a button that copies it. */
import { Copy } from "lucide";
import { useRef, useState } from "preact/hooks";
import { t } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { Banner } from "../shared/parts/states";

export function Secret({ name, secret, close }: { name: string; secret: string; close: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret);
      setTold(t("hook.copied"));
    } catch {
      // without a clipboard (plain http): it is selected, so that Ctrl+C copies it
      field.current?.select();
      setTold(t("hook.copy_by_hand"));
    }
  };
  return (
    <Banner kind="warn" testid="secret-box">
      <p class="strong">{t("hook.secret_once", { name })}</p>
      <div class="row">
        <input class="input mono" ref={field} readOnly value={secret} aria-label={t("hook.secret")} data-testid="secret" onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="button" onClick={() => void copy()} data-testid="copy-secret"><Icon of={Copy} />{t("hook.copy")}</button>
        <button type="button" class="button" onClick={close}>{t("hook.kept")}</button>
      </div>
      <p class="caption" role="status">{told}</p>
    </Banner>
  );
}
