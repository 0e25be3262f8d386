const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** The values in a setting with their paths, such as `client.1.limit`. Lists of plain values are one value. */
export const flatten = (value: unknown, path = ''): readonly (readonly [path: string, value: string])[] => {
  if (Array.isArray(value) && !value.some(isObject)) return [[path, value.join(', ') || '–']]
  if (!isObject(value)) return [[path, String(value)]]
  const place = (name: string) => (Array.isArray(value) ? String(Number(name) + 1) : name)
  return Object.entries(value).flatMap(([name, inner]) =>
    flatten(inner, path === '' ? place(name) : `${path}.${place(name)}`),
  )
}

/** The settings by path that two versions have not alike; a value that one of them lacks is undefined there. */
export const differencesOf = (before: object, after: object) => {
  const [old, now] = [new Map(flatten(before)), new Map(flatten(after))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((row) => row.before !== row.after && row.path !== 'version')
}
