import { createHash } from 'node:crypto'

/** A part of all points, such as the third of ten: a sweep of all of them can then be made piece by piece. */
interface Part {
  readonly part: number
  readonly of: number
}

/** The points of one call, such as that of a failure. */
interface OneCall {
  readonly call: string
}

/** How much a sweep covers: every point, a part of them, one call, or about so many of each scenario. */
export type Extent = 'every' | number | Part | OneCall

/**
 * What `SITEWRIGHT_FAULTS` asks for: `every`, which takes long; a part of that, such as `3/10`; a call, such as
 * `run-site sites.commit#1`; or a number.
 * @param usual what `npm test` has time for.
 * @throws {Error} where it asks for something else.
 */
export const askedExtent = (usual: number): Extent => {
  const asked = process.env['SITEWRIGHT_FAULTS']
  if (asked === undefined || asked === '') return usual
  if (asked === 'every') return asked
  if (asked.includes('#')) return { call: asked }
  const [part = 0, of] = asked.split('/', 2).map(Number)
  if (of !== undefined && Number.isInteger(of) && Number.isInteger(part) && 1 <= part && part <= of) return { part, of }
  if (of === undefined && Number.isInteger(part) && part >= 1) return part
  throw new Error(`SITEWRIGHT_FAULTS is '${asked}', not 'every', a part such as 3/10, a call, or a count`)
}

/** The same part in each run, whatever else a run calls. */
const isIn = ({ part, of }: Part, point: unknown): boolean =>
  createHash('sha256').update(JSON.stringify(point)).digest().readUInt32BE() % of === part - 1

/** All points of these calls; a part of them; or about so many, spread over the run and over the kinds of faults: all of a short run. */
export const pointsOf = <Call, Kind>(
  calls: readonly Call[],
  kinds: readonly Kind[],
  extent: Extent,
): readonly { readonly call: Call; readonly kind: Kind }[] => {
  const all = calls.flatMap((call) => kinds.map((kind) => ({ call, kind })))
  if (extent === 'every') return all
  if (typeof extent === 'object') {
    return all.filter((point) => ('call' in extent ? String(point.call) === extent.call : isIn(extent, point)))
  }
  if (all.length <= extent * kinds.length) return all
  // No multiple of the number of kinds, so that each of them has its turn.
  const stride = Math.ceil(all.length / extent / kinds.length) * kinds.length + 1
  return all.filter((_, index) => index % stride === 0)
}
