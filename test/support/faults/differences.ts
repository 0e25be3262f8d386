/** The differences between two lists in which nothing may be missing, left over or duplicate. */
export const differences = (what: string, found: readonly string[], wanted: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>()
  for (const one of wanted) counts.set(one, (counts.get(one) ?? 0) - 1)
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].flatMap(([one, count]) =>
    count === 0 ? [] : [`${what}: ${count > 0 ? `${count} too many` : `${-count} missing`} of ${one}`],
  )
}
