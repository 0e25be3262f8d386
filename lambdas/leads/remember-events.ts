import { mostProductEvents, type ProductEvents } from '../reports/usage/product-events.ts'
import type { LeadFacts } from './lead-facts.ts'

type Remembered = NonNullable<LeadFacts['productEvents']>

/** Ten days with all events that a blueprint can declare. Beyond it, the oldest are forgotten. */
const mostRemembered = 10 * mostProductEvents

/** Adds to the product events that a lead remembers, by day and name. */
export const rememberEvents = (before: Remembered = []) => {
  const counts = new Map(before.map((each) => [`${each.day} ${each.name}`, each]))
  return {
    /** @param counted those of them that were added before. */
    add: (day: string, events: ProductEvents = new Map(), counted: Readonly<Record<string, number>> = {}): void => {
      const known = new Map(Object.entries(counted))
      for (const [name, count] of events) {
        const key = `${day} ${name}`
        const sum = (counts.get(key)?.count ?? 0) + count - (known.get(name) ?? 0)
        if (sum > 0) counts.set(key, { day, name, count: sum })
      }
    },
    /** Returns those of a day and later, oldest first; nothing if there are none. */
    since: (oldest: string): Pick<LeadFacts, 'productEvents'> => {
      const kept = [...counts]
        .filter(([, { day }]) => day >= oldest)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .slice(-mostRemembered)
      return kept.length === 0 ? {} : { productEvents: kept.map(([, event]) => event) }
    },
  }
}
