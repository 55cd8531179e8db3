"""Make `docs/stages.md` and `docs/permissions.md` from the tables in `cases`; `--check` only compares."""

import sys
from collections.abc import Iterator
from pathlib import Path

from cases.handling.telling import TELLS
from cases.permissions import PERMITS, Relation
from cases.stages import (
    ENDED,
    IMPOSSIBLE,
    OPEN,
    TABLE,
    Act,
    ClockEffect,
    Outcome,
    Stage,
    Transition,
    Verb,
    outcomes,
)
from people.roles import Role
from web.words import names_of

DOCS = Path(__file__).resolve().parent.parent / "docs"
MADE = "<!-- Made by scripts/docs from {source}; change that, then run scripts/docs. -->\n"
STAGES_INTRO = """\
A verb moves a case from stage to stage and moves its clocks (`../cases/stages.py`). What it asks for and who may do it
stands in [permissions](permissions.md). Verbs that leave the case where it stands are not drawn.
"""
PERMISSIONS_INTRO = """\
A person sees the cases in the subtree of their centres; what lies elsewhere is not there for them (404). To do a verb
they need the role, at the stage, in the relation. What a role may do in general, before any case is named, stands in
`../people/roles.py`.
"""
RELATIONS = {
    Relation.CENTRE: "at the responsible centre or one above it",
    Relation.ABOVE: "at a centre above the responsible one",
    Relation.BEAT: "at a centre in whose ground the place lies; a case with an inspector is that inspector's alone",
    Relation.DEPARTMENT: "in a department, unit or assisting department that has the case; without one, at the "
    "responsible centre",
    Relation.ADDRESSED: "at the centre that an open supervision order is addressed to",
    Relation.SIGHT: "who sees the case",
}
FIELDS: dict[Verb, str] = {
    Verb.SELF_HANDLE: "`photos` ≥ 1 (after), `text?`",
    Verb.SEND_VERIFY: "`note?`",
    Verb.VERIFY: "`outcome` confirmed, unfounded; `photos` ≥ 1 if confirmed; `text?`, `category_code?`, "
    "`captured_at?`, `device_at?`",
    Verb.ACCEPT: "`note?`; `category_code` if the case has none",
    Verb.REJECT: "`reason_code` (or `reason`), `note?`",
    Verb.FILE: "`condition_id`, `note?`; `category_code` if the case has none",
    Verb.SEND_BACK: "`reason`",
    Verb.DISPATCH: "`department?`: a code; null: the centre itself; left out: the suggested one, after a failed check "
    "the same; `assist?` codes of assisting departments; `note?`; while handling: `department` a unit below it",
    Verb.SIGN: "`note?`",
    Verb.REFUSE: "`reason`, `reason_code?`",
    Verb.FINISH: "`photos` ≥ the condition's `photos_after`, `text?`",
    Verb.SEND_CHECK: "`note?`",
    Verb.CHECK: "`outcome` passed, failed; `photos` ≥ 1; `text` if failed; `captured_at?`, `device_at?`",
    Verb.CLOSE: "`note?`",
    Verb.CANCEL: "`reason`; who approves may say `outcome` denied",
    Verb.REOPEN: "`reason`; `condition_id` if the case was never filed",
    Verb.PASS_UP: "`reason_code` cannot_solve, not_my_duty, overdue, other, or `reason`",
    Verb.URGE: "`text?`",
    Verb.FORCE_CLOSE: "who asks: `reason`; who approves: `outcome?` granted, denied, `reason` if denied",
    Verb.REQUEST_EXTENSION: "`reason`; `limit?` in the condition's unit, at most the original (left out: that)",
    Verb.DECIDE_EXTENSION: "`outcome` granted, denied; `limit?` to grant less; `reason` if denied",
    Verb.REQUEST_SUSPENSION: "`reason`, `resume_on` a day within a year",
    Verb.DECIDE_SUSPENSION: "`outcome` granted, denied; `resume_on?` another day; `reason` if denied",
    Verb.RESUME: "`note?`",
    Verb.SUPERVISE: "`text`; `reply_minutes?` (left out: half the limit, at least two hours)",
    Verb.REPLY_SUPERVISION: "`text`; `order_id` where several orders are open",
    Verb.MERGE: "`into` the first case's `no`, `reason?`; `into` null takes the merger back, with `reason`",
    Verb.RECATEGORISE: "`category_code`, `reason`; `condition_id` once it is filed, where there are several",
    Verb.RELOCATE: "`point` as in a report, `address?`, `reason`",
    Verb.APPEAL: "`reason`, `photos?`",
    Verb.DECIDE_APPEAL: "`outcome` granted, denied; `reason` if denied",
    Verb.NOTE: "`text`",
}


def main() -> int:
    """Write the pages, or with `--check` name those that are not up to date."""
    stale = []
    for name, text in (("stages.md", stages_page()), ("permissions.md", permissions_page())):
        path = DOCS / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text, "utf-8")
            print(f"docs/{name} written")
    if stale and "--check" in sys.argv:
        print(f"not up to date: {', '.join(f'docs/{name}' for name in stale)}; run scripts/docs")
        return 1
    return 0


# --- stages -----------------------------------------------------------------------------------------------------------


def stages_page() -> str:
    """The stages, the diagram, every transition with its clocks, and what can never be done."""
    return "\n".join(
        [
            MADE.format(source="cases/stages.py"),
            "# Stages and verbs\n",
            STAGES_INTRO,
            "```mermaid",
            *_mermaid(),
            "```\n",
            "The same as text:\n",
            "```text",
            *_text_diagram(),
            "```\n",
            "## Stages\n",
            "| stage | 中文 | English | ends |",
            "|---|---|---|---|",
            *(
                f"| `{stage}` | {names_of(stage, 'zh')} | {names_of(stage, 'en')} | {'yes' if stage in ENDED else ''} |"
                for stage in Stage
            ),
            "\n## Transitions\n",
            "| from | verb | 中文 | outcome | to | clocks |",
            "|---|---|---|---|---|---|",
            *_transition_rows(),
            "\n## Impossible, on purpose\n",
            "| verb | at |",
            "|---|---|",
            *(f"| `{verb}` | {_stage_list(never)} |" for verb, never in IMPOSSIBLE.items() if never),
            "",
        ]
    )


def _moves() -> dict[tuple[Stage, Stage], list[str]]:
    """(from, to) → labels, in the order of the stages; loops left out."""
    found: dict[tuple[Stage, Stage], list[str]] = {}
    for (stage, verb, outcome), transition in _ordered():
        if transition.to is not stage:
            label = verb.value + (f" {outcome.value}" if outcome else "")
            found.setdefault((stage, transition.to), []).append(label)
    return found


def _ordered() -> Iterator[tuple[tuple[Stage, Verb, Outcome | None], Transition]]:
    for stage in Stage:
        for verb in Verb:
            for outcome in outcomes(verb):
                if (stage, verb, outcome) in TABLE:
                    yield (stage, verb, outcome), TABLE[stage, verb, outcome]


def _mermaid() -> Iterator[str]:
    yield "flowchart TD"
    yield "  report([report]) --> reported"
    for stage in Stage:
        shape = ("([", "])") if stage in ENDED else ("[", "]")
        yield f'  {stage}{shape[0]}"{stage}<br/>{names_of(stage, "zh")}"{shape[1]}'
    for (source, to), labels in _moves().items():
        yield f'  {source} -->|"{", ".join(labels)}"| {to}'


def _text_diagram() -> Iterator[str]:
    """Each stage under the one before it, with all ways out of it."""
    moves = _moves()
    width = max(map(len, Stage))
    for stage in Stage:
        yield f"{stage:<{width}}  {names_of(stage, 'zh')}"
        for (source, to), labels in moves.items():
            if source is stage:
                yield f"{'':<{width}}    └─ {', '.join(labels)} → {to}"


def _transition_rows() -> Iterator[str]:
    rows: dict[tuple[Verb, Outcome | None, Stage | None, tuple[ClockEffect, ...]], list[Stage]] = {}
    for (stage, verb, outcome), transition in _ordered():
        to = None if transition.to is stage else transition.to
        rows.setdefault((verb, outcome, to, transition.clocks), []).append(stage)
    for (verb, outcome, goes, clocks), stages in sorted(rows.items(), key=lambda row: list(Verb).index(row[0][0])):
        where = f"`{goes}`" if goes else "stays"
        yield (
            f"| {_stage_list(stages)} | `{verb}` | {names_of(verb, 'zh')} | {outcome or ''} | {where} "
            f"| {_clock_words(clocks)} |"
        )


def _stage_list(stages: list[Stage] | frozenset[Stage]) -> str:
    wanted = set(stages)
    if wanted == set(Stage):
        return "any"
    if wanted == set(OPEN):
        return "any open"
    if wanted == set(ENDED):
        return "any ended"
    if len(wanted) > 8:
        return "all but " + ", ".join(f"`{stage}`" for stage in Stage if stage not in wanted)
    return ", ".join(f"`{stage}`" for stage in Stage if stage in wanted)


def _clock_words(clocks: tuple[ClockEffect, ...]) -> str:
    words = {
        Act.STOP_ALL: "all stop",
        Act.PAUSE_ALL: "all pause",
        Act.RESUME_ALL: "all resume",
        Act.CONTINUE: "{kind} resumes for the same department, else starts",
        Act.REPLAN: "{kind} is planned anew",
        Act.REVIVE: "{kind} comes back and rests, if the merger halted it",
    }
    return "; ".join(words.get(step.act, f"{{kind}} {step.act}s").format(kind=step.kind) for step in clocks) or "none"


# --- permissions ------------------------------------------------------------------------------------------------------


def permissions_page() -> str:
    """Who may do which verb at which stage, in which relation to the case, and the fields that it takes."""
    return "\n".join(
        [
            MADE.format(source="cases/permissions.py"),
            "# Who may do what to a case\n",
            PERMISSIONS_INTRO,
            "| relation | a seat … |",
            "|---|---|",
            *(f"| {relation} | {words} |" for relation, words in RELATIONS.items()),
            "\n## By verb\n",
            "| verb | 中文 | who | stages | fields (beside `version`) |",
            "|---|---|---|---|---|",
            *_permit_rows(),
            "\n## Whom it tells\n",
            "The notice's kind and who gets it, in the inbox and by what they have set up beside it.\n",
            "| verb | outcome | notice | to |",
            "|---|---|---|---|",
            *_telling_rows(),
            "\n## By role and stage\n",
            "Where the case's relation fits; `note` is everybody's at every stage.\n",
            "| stage | " + " | ".join(f"{role} {names_of(role, 'zh')}" for role in Role) + " |",
            "|---|" + "---|" * len(Role),
            *_matrix_rows(),
            "",
        ]
    )


def _permit_rows() -> Iterator[str]:
    for verb, permits in PERMITS.items():
        groups: dict[tuple[Relation, frozenset[Stage]], list[Role]] = {}
        for permit in permits:
            groups.setdefault((permit.relation, permit.stages), []).append(permit.role)
        for (relation, stages), roles in groups.items():
            who = "everybody" if set(roles) == set(Role) else ", ".join(roles)
            yield f"| `{verb}` | {names_of(verb, 'zh')} | {who}: {relation} | {_stage_list(stages)} | {FIELDS[verb]} |"


def _telling_rows() -> Iterator[str]:
    for (verb, outcome), (kind, listeners) in sorted(TELLS.items(), key=lambda row: list(Verb).index(row[0][0])):
        yield f"| `{verb}` | {outcome or ''} | {kind} | {', '.join(listeners) or 'nobody'} |"


def _matrix_rows() -> Iterator[str]:
    for stage in Stage:
        cells = []
        for role in Role:
            verbs = [
                f"`{verb}`"
                for verb, permits in PERMITS.items()
                if verb is not Verb.NOTE and any(permit.role is role and stage in permit.stages for permit in permits)
            ]
            cells.append(" ".join(verbs))
        yield f"| `{stage}` | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
