import { setTimeout as pause } from 'node:timers/promises'
import { Stripe } from 'stripe'

/** In milliseconds; Stripe names whole seconds where it names any. */
const unsaid = 2000
const longest = 30_000
const mostWaits = 5

const waitOf = ({ headers }: Stripe.errors.StripeError): number => {
  const seconds = Number(headers?.['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, longest) : unsaid
}

/**
 * Asks again where Stripe says that there are too many requests, after the time that it names: for work that nobody waits for, and
 * that would have to begin anew. Everything else that goes wrong is thrown at once.
 * @throws {Stripe.errors.StripeError} also where it is so five times in turn.
 */
export const waitingForTurn = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  for (let waits = 0; ; waits += 1) {
    try {
      return await ask()
    } catch (error) {
      const isBusy = error instanceof Stripe.errors.StripeError && error.statusCode === 429
      if (!isBusy || waits === mostWaits) throw error
      await pause(waitOf(error))
    }
  }
}
