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
