import { eachAtOnce } from '../../../core/each-at-once.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { Log } from '../../../core/ports/context.ts'

/** Orders items by id, beginning at another one each minute, so that every item comes first at some time. Needs no state. */
export const inTurn = <Item extends { readonly id: string }>(
  items: readonly Item[],
  now: string,
  step: number,
): readonly Item[] => {
  const inOrder = items.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  if (inOrder.length <= step) return inOrder
  const first = (Math.floor(Date.parse(now) / 60_000) * step) % inOrder.length
  return [...inOrder.slice(first), ...inOrder.slice(0, first)]
}

export const idOf = ({ id }: { readonly id: string }): string => id
export const siteIdOf = ({ siteId }: { readonly siteId: string }): string => siteId

export interface Parts {
  /** Works on items concurrently. A failure is logged and does not stop the others. */
  readonly each: <Item>(
    items: readonly Item[],
    nameOf: (item: Item) => string,
    work: (item: Item) => Promise<void>,
  ) => Promise<void>
  /** @throws {SitewrightError} `Unavailable` if an item failed. */
  readonly end: () => void
}

export const inParts = ({ atOnce, log }: { readonly atOnce: number; readonly log: Log }): Parts => {
  const left = new Set<string>()
  return {
    each: (items, nameOf, work) =>
      eachAtOnce(items, atOnce, async (item) => {
        try {
          await work(item)
        } catch (error) {
          const siteId = nameOf(item)
          const message = 'a site could not be reconciled; the next sweep tries again'
          log.error({ event: 'sweep-of-site-failed', siteId, err: error }, message)
          left.add(siteId)
        }
      }),
    end: () => {
      if (left.size === 0) return
      throw new SitewrightError('Unavailable', `These sites could not be reconciled: ${[...left].join(', ')}`)
    },
  }
}
