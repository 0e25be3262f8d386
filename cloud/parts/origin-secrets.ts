import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import type { Log } from '../../core/ports/context.ts'

/** Whoever asks would wait for each try to fail. */
const pauseMilliseconds = 60_000

/** All tries of the client would take longer than a function behind the API has. */
const patienceMilliseconds = 2000

const inTime = <Answer>(asked: Promise<Answer>): Promise<Answer> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('Secrets Manager takes too long to answer')), patienceMilliseconds)
  return Promise.race([asked, promise]).finally(() => clearTimeout(timer))
}

/**
 * What CloudFront may show now: the secret and, while it is rolled, the one before it. Where Secrets Manager does not answer,
 * what it said last is good for as long as that goes on: nobody is to be kept out by its trouble.
 * @param parts.now milliseconds of a monotonic clock.
 * @throws whatever Secrets Manager answers, until it has said something.
 */
export const openOriginSecrets = (
  { ORIGIN_SECRET }: { readonly ORIGIN_SECRET: string },
  {
    secrets,
    log,
    now = () => performance.now(),
  }: { readonly secrets: Pick<Secrets, 'valuesOf'>; readonly log: Log; readonly now?: () => number },
): (() => Promise<readonly string[]>) => {
  let last: readonly string[] | undefined
  let pausesUntil = Number.NEGATIVE_INFINITY
  return async () => {
    if (last !== undefined && now() < pausesUntil) return last
    try {
      const asked = secrets.valuesOf(ORIGIN_SECRET)
      last = await (last === undefined ? asked : inTime(asked))
      return last
    } catch (error) {
      if (last === undefined) throw error
      pausesUntil = now() + pauseMilliseconds
      log.warn({ err: error }, 'the secret that CloudFront shows could not be read again; the last one counts')
      return last
    }
  }
}
