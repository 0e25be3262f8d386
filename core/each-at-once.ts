import { SitewrightError } from './errors.ts'
import type { Log } from './ports/context.ts'

/** Does some work for each item, for so many of them at once. @throws an error of the work once all that was begun has ended: what should continue has to catch its own. */
export const eachAtOnce = async <Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const left = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = await left.next(); next.done !== true; next = await left.next()) await work(next.value)
  }
  const workers = Array.from({ length: atOnce }, worker)
  // Whoever calls it again after an error must not work beside what is left of the first call.
  await Promise.allSettled(workers)
  await Promise.all(workers)
}

/** The first items of a list. Several workers may share it: each item goes to one of them. */
export async function* firstOf<Item>(items: AsyncIterable<Item>, count: number): AsyncGenerator<Item> {
  let left = count
  for await (const item of items) {
    yield item
    left -= 1
    if (left === 0) return
  }
}

const maxNamed = 20

/**
 * Does some work for each item, one after the other. A failure is logged and stops no other item.
 * @param terms.atOnce for how many items at once.
 * @param terms.named the field of the log line that names an item.
 * @param terms.failed the sentence of the log line.
 * @throws {SitewrightError} `Unavailable` at the end if some failed: `summary`, and their names.
 */
export const eachApart = async <Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  terms: {
    readonly log: Log
    readonly named: (item: Item) => readonly [field: string, name: string]
    readonly failed: string
    readonly summary: string
    readonly atOnce?: number
  },
  work: (item: Item) => Promise<unknown>,
): Promise<void> => {
  const left: string[] = []
  await eachAtOnce(items, terms.atOnce ?? 1, async (item) => {
    try {
      await work(item)
    } catch (error) {
      const [field, name] = terms.named(item)
      terms.log.warn({ [field]: name, err: error }, terms.failed)
      left.push(name)
    }
  })
  if (left.length === 0) return
  const more = left.length > maxNamed ? ` and ${left.length - maxNamed} more` : ''
  throw new SitewrightError('Unavailable', `${terms.summary}: ${left.slice(0, maxNamed).join(', ')}${more}`)
}
