/** How much a sweep covers: every point, or about so many of each scenario. */
export type Extent = 'every' | number

/**
 * What `SITEWRIGHT_FAULTS` asks for: `every`, which takes long, or a number.
 * @param usual what `npm test` has time for.
 * @throws {Error} where it asks for something else.
 */
export const askedExtent = (usual: number): Extent => {
  const asked = process.env['SITEWRIGHT_FAULTS']
  if (asked === undefined || asked === '') return usual
  if (asked === 'every') return asked
  const count = Number(asked)
  if (!Number.isInteger(count) || count < 1) throw new Error(`SITEWRIGHT_FAULTS is '${asked}', not 'every' or a count`)
  return count
}

/** All points of these calls; or about so many, spread over the run and over the kinds of faults. */
export const pointsOf = <Call, Kind>(
  calls: readonly Call[],
  kinds: readonly Kind[],
  extent: Extent,
): readonly { readonly call: Call; readonly kind: Kind }[] => {
  const all = calls.flatMap((call) => kinds.map((kind) => ({ call, kind })))
  if (extent === 'every') return all
  // No multiple of the number of kinds, so that each of them has its turn.
  const stride = Math.ceil(all.length / extent / kinds.length) * kinds.length + 1
  return all.filter((_, index) => index % stride === 0)
}
