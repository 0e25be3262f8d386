import type { Secrets } from '../../adapters/secrets-manager/secrets.ts'
import type { CodeSecret } from '../../lambdas/rate-limits/count-in-windows.ts'
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
 * Returns a secret as Secrets Manager has it now, so that a rotation needs no restart. While it does not answer, its last answer stays
 * valid, so that its outage locks out no visitor.
 * @param now milliseconds of a monotonic clock.
 * @throws whatever Secrets Manager answers, until it has said something.
 */
const outlasting = <Answer extends string | readonly string[]>(
  { log }: Pick<CloudContext, 'log'>,
  ask: () => Promise<Answer>,
  now: () => number = () => performance.now(),
): (() => Promise<Answer>) => {
  let last: Answer | undefined
  let pausesUntil = Number.NEGATIVE_INFINITY
  return async () => {
    if (last !== undefined && now() < pausesUntil) return last
    try {
      const asked = ask()
      last = await (last === undefined ? asked : inTime(asked))
      return last
    } catch (error) {
      if (last === undefined) throw error
      pausesUntil = now() + pauseMilliseconds
      log.warn({ err: error }, 'a secret could not be read again; the last one counts')
      return last
    }
  }
}

type SecretContext = Pick<CloudContext, 'log' | 'variable'>

/** What CloudFront may show now: the secret and, while it is rolled, the previous one. */
export const openOriginSecrets = (
  context: SecretContext,
  secrets: Pick<Secrets, 'valuesOf'>,
  now?: () => number,
): (() => Promise<readonly string[]>) =>
  outlasting(context, () => secrets.valuesOf(context.variable('ORIGIN_SECRET')), now)

/** The key of codes, read before the first request. */
export const openCodeSecret = async (
  context: SecretContext,
  secrets: Pick<Secrets, 'valueOf'>,
): Promise<CodeSecret> => {
  const codeSecret = outlasting(context, () => secrets.valueOf(context.variable('CODE_SECRET')))
  await codeSecret()
  return codeSecret
}
