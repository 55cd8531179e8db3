/** Parts that are fetched when they are first shown; without a network and not kept, they say so and can be tried again. */
import { type ComponentType, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading } from "../shared/parts/states";
import { Missing } from "./missing";

/** A component in place of the one that `load` brings; what came once stands. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let come: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [state, setState] = useState<"waiting" | "there" | "failed">(come ? "there" : "waiting");
    const fetch = (): void => {
      setState("waiting");
      load().then((found) => {
        come = found;
        setState("there");
      }, () => setState("failed"));
    };
    useEffect(() => {
      if (!come) fetch();
    }, []);
    if (come) return h(come as ComponentType<object>, props);
    return state === "failed" ? <Missing error={null} retry={fetch} /> : <Loading />;
  };
}
