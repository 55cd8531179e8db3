/** GCJ-02, the shift of most tiles in China: both ways, by the published approximation (`grid/coordinates.py`). */

const AXIS = 6378245;
const ECCENTRICITY = 0.006693421622965943;
/** After the first subtraction; three leave 0.12 µm over the city. */
const ROUNDS = 3;

const wave = (scale: number, part: number): number => scale * Math.sin(part * Math.PI);

/** GCJ-02 minus WGS-84 in degrees at a place in WGS-84. */
function offset(lon: number, lat: number): [number, number] {
  const [x, y] = [lon - 105, lat - 35];
  const root = Math.sqrt(Math.abs(x));
  const ripple = ((wave(20, 6 * x) + wave(20, 2 * x)) * 2) / 3;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple;
  north += ((wave(20, y) + wave(40, y / 3) + wave(160, y / 12) + wave(320, y / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple;
  east += ((wave(20, x) + wave(40, x / 3) + wave(150, x / 12) + wave(300, x / 30)) * 2) / 3;
  const phi = (lat * Math.PI) / 180;
  const flat = 1 - ECCENTRICITY * Math.sin(phi) ** 2;
  const across = AXIS / Math.sqrt(flat);
  const along = (AXIS * (1 - ECCENTRICITY)) / (flat * Math.sqrt(flat));
  return [(east * 180) / (across * Math.cos(phi) * Math.PI), (north * 180) / (along * Math.PI)];
}

function shifted(lon: number, lat: number): boolean {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

export function toGcj(lon: number, lat: number): [number, number] {
  if (!shifted(lon, lat)) return [lon, lat];
  const [east, north] = offset(lon, lat);
  return [lon + east, lat + north];
}

export function fromGcj(x: number, y: number): [number, number] {
  let [lon, lat] = [x, y];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [east, north] = offset(lon, lat);
    [lon, lat] = [x - east, y - north];
  }
  return shifted(lon, lat) ? [lon, lat] : [x, y];
}
