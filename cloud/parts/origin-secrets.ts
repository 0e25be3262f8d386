import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import type { CloudContext } from '../context.ts'

/** Otherwise each caller would wait for an attempt to fail. */
const pauseMilliseconds = 60_000

/** All tries of the client would take longer than a function behind the API has. */
const patienceMilliseconds = 2000

const inTime = <Answer>(asked: Promise<Answer>): Promise<Answer> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('Secrets Manager takes too long to answer')), patienceMilliseconds)
  return Promise.race([asked, promise]).finally(() => clearTimeout(timer))
}

/**
 * Returns what CloudFront may show now: the secret and, while it is rolled, the previous one. While Secrets Manager does not
 * answer, its last answer stays valid, so that its outage locks out no visitor.
 * @param now milliseconds of a monotonic clock.
 * @throws whatever Secrets Manager answers, until it has said something.
 */
export const openOriginSecrets = (
  { variable, log }: Pick<CloudContext, 'log' | 'variable'>,
  secrets: Pick<Secrets, 'valuesOf'>,
  now: () => number = () => performance.now(),
): (() => Promise<readonly string[]>) => {
  let last: readonly string[] | undefined
  let pausesUntil = Number.NEGATIVE_INFINITY
  return async () => {
    if (last !== undefined && now() < pausesUntil) return last
    try {
      const asked = secrets.valuesOf(variable('ORIGIN_SECRET'))
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
