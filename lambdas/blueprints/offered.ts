import { SitewrightError } from '../../core/errors.ts'

/** @throws {SitewrightError} `InvalidRequest` for a blueprint that is not offered. */
export const requireOffered = (asked: string, offered: readonly string[]): string => {
  if (offered.includes(asked)) return asked
  throw new SitewrightError('InvalidRequest', `There is no blueprint '${asked}'.`, {
    fields: [{ path: 'blueprint', message: `must be one of: ${offered.join(', ')}` }],
  })
}

/**
 * The blueprint of a new site: the requested one, then the one of the sign-up while it is offered, then the first.
 * @throws {SitewrightError} `InvalidRequest` for a blueprint that is not offered.
 */
export const offeredBlueprint = (
  asked: string | undefined,
  ofSignup: string | undefined,
  offered: readonly [string, ...string[]],
): string => {
  if (asked !== undefined) return requireOffered(asked, offered)
  return ofSignup !== undefined && offered.includes(ofSignup) ? ofSignup : offered[0]
}
