import * as z from 'zod'
import { asker } from '../../acceptance/api.ts'
import { poll } from '../../acceptance/poll.ts'
import { buyerCalls, elsewhereCalls } from '../../acceptance/story-api.ts'
import { httpCall } from '../../support/http-call.ts'

const ask = asker(httpCall)
const siteSchema = z.looseObject({ plan: z.string(), operation: z.string().nullable() })

const goodCard = '4242424242424242'
const settleMilliseconds = 60_000
const pollMilliseconds = 20

/** An owner's changes of one site's plan, on a host with the stand-in for Stripe. */
export const openPlanCalls = (origin: string, site: { readonly id: string; readonly token: string }) => {
  const buyer = buyerCalls(origin, site.token, site.id)
  const check = async () => {
    const headers = { authorization: `Bearer ${site.token}` }
    return (await ask({ url: `${origin}/v1/sites/${site.id}`, headers }, [200], siteSchema)).body
  }
  const until = async (what: string, expected: string | null): Promise<void> => {
    const isSo = ({ operation }: { readonly operation: string | null }) => operation === expected
    const { operation } = await poll(check, isSo, { patience: settleMilliseconds, pause: pollMilliseconds })
    if (operation !== expected) throw new Error(`The site ${what} within ${settleMilliseconds / 1000} s.`)
  }
  return {
    /** Opens a checkout. @returns a function that pays there, and resolves once Stripe reports it as paid. */
    checkout: async (plan: string) => {
      const { id } = await buyer.checkout(plan)
      return () => elsewhereCalls(origin).pay(id, goodCard)
    },
    change: buyer.changePlan,
    /** @throws {Error} if the site is not resized within a minute. */
    resized: async () => {
      await until('did not start to resize', 'resize')
      await until('did not resize', null)
    },
  }
}

const acceptedSchema = z.looseObject({ time: z.number(), event: z.literal('stripe-event-received') })

const patienceMilliseconds = 30_000

const acceptedAt = (line: string): number | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return acceptedSchema.safeParse(JSON.parse(line)).data?.time
  } catch {
    return undefined
  }
}

/** Records when a host accepted which webhook, from its log: polling would slow down the measured work. */
export const acceptedWebhooks = () => {
  const times: number[] = []
  let unfinished = ''
  return {
    /** Takes the host's output, which must include the level `info`. */
    onOutput: (text: string): void => {
      const lines = `${unfinished}${text}`.split('\n')
      unfinished = lines.pop() ?? ''
      times.push(...lines.flatMap((line) => acceptedAt(line) ?? []))
    },
    /**
     * Waits for the first one after an instant.
     * @param start milliseconds since 1970, like the result.
     * @throws {Error} if none comes for half a minute.
     */
    firstSince: async (start: number): Promise<number> => {
      const found = await poll(
        () => times.find((time) => time >= start),
        (time) => time !== undefined,
        { patience: patienceMilliseconds, pause: 10 },
      )
      if (found === undefined) throw new Error('The host accepted no webhook of Stripe for half a minute.')
      return found
    },
  }
}

export type PlanCalls = ReturnType<typeof openPlanCalls>
