import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'

const acceptedSchema = z.looseObject({ time: z.number(), event: z.literal('stripe-event-received') })

const patienceMilliseconds = 30_000
const lookMilliseconds = 10

const acceptedAt = (line: string): number | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return acceptedSchema.safeParse(JSON.parse(line)).data?.time
  } catch {
    return undefined
  }
}

/** When a host accepted which webhook, by what it logs: asking it all the time would slow down what is measured. */
export const acceptedWebhooks = () => {
  const times: number[] = []
  let unfinished = ''
  return {
    /** Takes what the host prints, which has to log what is `info`. */
    onOutput: (text: string): void => {
      const lines = `${unfinished}${text}`.split('\n')
      unfinished = lines.pop() ?? ''
      times.push(...lines.flatMap((line) => acceptedAt(line) ?? []))
    },
    /**
     * Waits for the first one after an instant.
     * @param start milliseconds since 1970, as is what is returned.
     * @throws {Error} where none comes for half a minute.
     */
    firstSince: async (start: number): Promise<number> => {
      const givenUpAt = performance.now() + patienceMilliseconds
      for (;;) {
        const found = times.find((time) => time >= start)
        if (found !== undefined) return found
        if (performance.now() > givenUpAt) throw new Error('The host accepted no webhook of Stripe for half a minute.')
        await sleep(lookMilliseconds)
      }
    },
  }
}
