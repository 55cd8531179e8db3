/** A case's number as a link that opens it here. */
import { choose } from "./place";

export function CaseLink({ no }: { no: string }) {
  const open = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    choose(no);
  };
  return <a href={`/desk?case=${no}`} onClick={open} data-testid="case-link">{no}</a>;
}
