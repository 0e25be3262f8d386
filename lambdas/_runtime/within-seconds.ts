import { SitewrightError } from '../../core/errors.ts'

/**
 * Work that asks somebody outside, who may be slow: whoever waits gets an answer before API Gateway gives up. The work itself
 * goes on, so it has to bear being repeated meanwhile.
 * @throws {SitewrightError} `Unavailable` once the time is over.
 */
export const withinSeconds = async <Result>(seconds: number, work: Promise<Result>): Promise<Result> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      reject(
        new SitewrightError('Unavailable', 'Stripe takes too long to answer. Try again in a moment.', {
          retryAfterSeconds: 5,
        }),
      ),
    seconds * 1000,
  )
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}
