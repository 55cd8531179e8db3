/** The base map as the last sync told it, kept on the phone like all of it. */
import { effect } from "@preact/signals";
import { basemap } from "../../shared/map/basemap";
import { synced } from "../sync";

effect(() => {
  const told = synced.value?.settings.basemap;
  // each sync brings a new object: only another map is one
  if (told !== undefined && JSON.stringify(told) !== JSON.stringify(basemap.peek())) basemap.value = told;
});
