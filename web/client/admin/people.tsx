/** Who has an account, and whether database, worker and disk are as they must be. */
import { count } from "../shared/format";
import { t, word } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import type { Account, System } from "./api";
import { useAsked, usePages } from "./asking";
import { MoreButton } from "./told";
import { TableBox } from "./table_box";

function SystemState() {
  const { answer, error, load } = useAsked<System>("system");
  usePolling(load, 15);
  return (
    <section class="panel" aria-labelledby="system-title">
      <h2 id="system-title">{t("system.title")}</h2>
      {error && !answer ? <Failure error={error} retry={() => void load()} /> : null}
      {!answer && !error && <Loading />}
      {answer && (
        <TableBox label={t("system.title")}>
          <table class="table" aria-labelledby="system-title">
            <thead><tr><th scope="col">{t("system.check")}</th><th scope="col">{t("system.result")}</th><th scope="col">{t("system.says")}</th></tr></thead>
            <tbody>
              {answer.checks.map((check) => (
                <tr key={check.name}>
                  <th scope="row">{check.title}</th>
                  <td class={check.ok ? "green" : "red"}>{check.ok ? `● ${t("system.good")}` : `■ ${t("system.bad")}`}</td>
                  <td class="wrap">{check.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </section>
  );
}

function stateOf(account: Account): string {
  return t(account.disabled_at ? "people.disabled" : account.demo ? "people.demo" : "people.used");
}

function Row({ account }: { account: Account }) {
  return (
    <tr data-username={account.username}>
      <th scope="row">{account.username}</th>
      <td>{account.name}</td>
      <td class="wrap">
        {account.posts.length ? account.posts.map((post) => (
          <div key={`${post.role} ${post.centre.name} ${post.department?.name ?? ""}`}>
            {[word("role", post.role), post.centre.name, post.department?.name].filter(Boolean).join(" · ")}
          </div>
        )) : "—"}
      </td>
      <td class={account.disabled_at ? "muted" : ""}>{stateOf(account)}</td>
    </tr>
  );
}

export function PeoplePart() {
  const people = usePages<Account>("people", {}, 100);
  return (
    <>
      <SystemState />
      <section class="panel" aria-labelledby="people-title">
        <h2 id="people-title">{t("admin.people")}</h2>
        <p class="caption">{t("people.commands")} <code>flask people add|give|take|disable|enable|reset|list</code></p>
        {people.error && !people.items ? <Failure error={people.error} retry={() => void people.load()} /> : null}
        {!people.items && !people.error && <Loading />}
        {people.items?.length === 0 && <Empty>{t("people.empty")}</Empty>}
        {people.items && people.items.length > 0 && (
          <>
            <TableBox label={t("admin.people")}>
              <table class="table" aria-labelledby="people-title" data-testid="people">
                <thead>
                  <tr><th scope="col">{t("signin.username")}</th><th scope="col">{t("people.name")}</th><th scope="col">{t("people.posts")}</th><th scope="col">{t("people.state")}</th></tr>
                </thead>
                <tbody>{people.items.map((account) => <Row key={account.username} account={account} />)}</tbody>
              </table>
            </TableBox>
            <p class="caption">{t("admin.loaded", { n: count(people.items.length) })}</p>
            <MoreButton next={people.next} more={people.more} />
          </>
        )}
      </section>
    </>
  );
}
