import { SitewrightError } from '../errors.ts'
import type { Log } from '../ports/context.ts'

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
    each: async (items, nameOf, work) => {
      const queue = items.values()
      const worker = async (): Promise<void> => {
        for (const item of queue) {
          try {
            await work(item)
          } catch (error) {
            const name = nameOf(item)
            log.error(
              { event: 'sweep-of-site-failed', siteId: name, err: error },
              'a site could not be reconciled; the next sweep tries again',
            )
            left.add(name)
          }
        }
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
    },
    end: () => {
      if (left.size === 0) return
      throw new SitewrightError('Unavailable', `These sites could not be reconciled: ${[...left].join(', ')}`)
    },
  }
}
