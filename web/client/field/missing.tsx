/** What could not be fetched; without a connection nothing is promised that is not there. */
import { online, Unreachable } from "../shared/http";
import { t } from "../shared/language";
import { Failure } from "../shared/parts/states";

export function Missing({ error, retry }: { error: unknown; retry: () => void }) {
  if (online.value && !(error instanceof Unreachable)) return <Failure error={error} retry={retry} />;
  return (
    <div class="state" role="alert" data-testid="failure">
      <p>{t("field.nothing_offline")}</p>
      <button type="button" class="button" onClick={retry}>{t("state.retry")}</button>
    </div>
  );
}
