/** How the signed-in person stands to a case. */
import type { CaseDetail, Session, Verb } from "../shared/api";
import { requestFor, type Stance } from "./verbs";

type Seats = Session["roles"];

function holds(seats: Seats, role: string): boolean {
  return seats.some((seat) => seat.role === role);
}

/** Of the ends that one post asks for and another approves: whether this person can only ask. */
function asks(verb: Verb, item: CaseDetail, seats: Seats): boolean {
  if (verb === "cancel") return !holds(seats, "shift_lead");
  if (verb === "force_close") return !(holds(seats, "leader") && requestFor(verb, item));
  return false;
}

function assists(item: CaseDetail, seats: Seats): boolean {
  const mine = new Set(seats.filter((seat) => seat.role === "handler").map((seat) => seat.department?.code));
  const open = item.handlings.filter((turn) => turn.round === item.round && turn.state === "open");
  const own = open.filter((turn) => mine.has(turn.department?.code));
  return own.length > 0 && own.every((turn) => turn.lead === false);
}

export function stanceOf(verb: Verb, item: CaseDetail, seats: Seats): Stance {
  return {
    asks: asks(verb, item, seats),
    part: ["sign", "refuse", "finish"].includes(verb) && assists(item, seats),
    orders: item.orders.filter((order) => order.open).map((order) => order.id),
  };
}
