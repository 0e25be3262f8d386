/** A value as text, the same in any order of its names: DynamoDB keeps none. */
export const inOrder = (whole: unknown): string =>
  JSON.stringify(whole, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  )
