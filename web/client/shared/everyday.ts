/** What people call things in everyday English, and how the catalogue's names put it. Own words, short on purpose. */

const SAID: Record<string, string> = {
  "garbage trash junk rubbish refuse": "rubbish|waste|litter",
  "dustbin wastebin trashcan garbagecan dumpster": "litter bin|overflowing bin|waste collection",
  "flytipping dumping dumped": "rubbish|piled-up|left behind|landfill|dumped",
  "pothole crack hole": "damaged road|subsidence|manhole",
  "sinkhole cavein collapse": "subsidence|collapse",
  "sidewalk footpath": "pavement|kerb|tactile",
  "curb": "kerb",
  "drain gutter gully sewage": "storm drain|sewer|drainage|sewage",
  "streetlamp lamppost streetlight light lamp": "street light|ground light|decorative light",
  "stoplight signal trafficlight": "traffic light|traffic signal",
  "lid cover": "manhole cover|trench cover",
  "restroom washroom lavatory wc": "toilet",
  "bike cycle scooter ebike": "bicycle",
  "car truck lorry parking parked": "vehicle|truck|parked|car park",
  "hawker pedlar peddler stall": "vendor|trading",
  "sticker flyer flier leaflet graffiti poster": "sticker|leaflet|poster|graffiti",
  "ad advert billboard": "advert",
  "signboard": "sign",
  "fence barrier guardrail": "railing|guard rail|hoarding",
  "smell smoke stink": "fumes|burning|barbecue|pollution",
  "noise loud": "noise|nuisance",
  "cable wire": "cable|lines or poles|wires",
  "flood flooding puddle waterlogging": "flooded|flood",
  "ice icy slippery": "ice on",
  "roadworks works digging": "dug up|construction",
  "clutter mess": "clutter|untidy|disorder",
  "weeds grass lawn": "green space|garden waste",
  "bench seat": "bench",
  "elevator": "lift",
  "mailbox postbox": "post box",
  "shanty shack": "illegal structure",
  "beggar homeless": "begging",
  "carcass dead": "dead animal",
  "leak leaking burst": "burst|blocked",
};

const said = Object.entries(SAID).flatMap(([words, names]) => words.split(" ").map((word) => ({ word, names: names.split("|") })));

export const EVERYDAY = said.map(({ word }) => word);

const SHORTEST = 2;

/** Parts of names for a word that is typed, whole or begun, in the plural too: `garb`, `potholes`. */
export function namesFor(typed: string): string[] {
  if (typed.length < SHORTEST || !/^[a-z]+$/.test(typed)) return [];
  const single = typed.replace(/s$/, "");
  return said.flatMap(({ word, names }) => (word.startsWith(typed) || word === single ? names : []));
}
