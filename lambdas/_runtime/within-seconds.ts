import { SitewrightError } from '../../core/errors.ts'

/**
 * Limits the time of a call to another service, so that the client gets an answer before API Gateway times out. The call itself
 * continues, so it must be safe to repeat meanwhile.
 * @throws {SitewrightError} `Unavailable` after the time.
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
