/** Departments with their units beneath them. */

interface Node {
  code: string;
  parent: string | null;
}

/** Each with its depth, units right behind what they belong to; whose parent is not among them stands at the top. */
export function treeOf<T extends Node>(items: readonly T[]): { item: T; depth: number }[] {
  const known = new Set(items.map((item) => item.code));
  const below = new Map<string | null, T[]>();
  for (const item of items) {
    const parent = item.parent !== null && known.has(item.parent) && item.parent !== item.code ? item.parent : null;
    below.set(parent, [...(below.get(parent) ?? []), item]);
  }
  const rows: { item: T; depth: number }[] = [];
  const seen = new Set<string>();
  const walk = (parent: string | null, depth: number): void => {
    for (const item of below.get(parent) ?? []) {
      if (seen.has(item.code)) continue;
      seen.add(item.code);
      rows.push({ item, depth });
      walk(item.code, depth + 1);
    }
  };
  walk(null, 0);
  // two that are each other's unit would never be reached from the top
  for (const item of items) if (!seen.has(item.code)) rows.push({ item, depth: 0 });
  return rows;
}
