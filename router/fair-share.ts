/**
 * Returns the max-min fair share: the most that each client may have so that all together have this part of what they have
 * now. @param part from 0 to 1; at 1 the share is the largest amount.
 */
export const fairShare = (amounts: Iterable<number>, part: number): number => {
  const sorted = Float64Array.from(amounts).sort()
  let left = part * sorted.reduce((sum, amount) => sum + amount, 0)
  for (const [index, amount] of sorted.entries()) {
    const share = left / (sorted.length - index)
    if (amount >= share) return share
    left -= amount
  }
  return 0
}
