import { SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import { findLeftovers, killLeftover } from '../leftovers/find-leftovers.ts'

/** A process may start another one while it is being ended. */
const rounds = 5

/**
 * Ends the sites that a killed host of this home left running, so that none is doubled: asks first, and after `grace`
 * milliseconds makes them. Only on Linux can they be found; elsewhere it says that it cannot.
 * @throws {SitewrightError} `RuntimeUnavailable` where one does not end: starting its site again would double it.
 */
export const sweepLeftovers = async ({
  homeId,
  grace,
  log,
}: {
  readonly homeId: string
  readonly grace: number
  readonly log: Pick<Log, 'info' | 'warn'>
}): Promise<void> => {
  if (process.platform !== 'linux') {
    log.warn(
      { platform: process.platform },
      'processes that a killed host left running cannot be found on this platform',
    )
    return
  }
  for (let round = 1; round <= rounds; round += 1) {
    const leftovers = await findLeftovers(homeId, 'site')
    if (leftovers.length === 0) return
    log.info({ processes: leftovers.length }, 'ending processes that an earlier host left running')
    await Promise.all(leftovers.map((leftover) => killLeftover(leftover, { graceMilliseconds: grace })))
  }
  throw new SitewrightError(
    'RuntimeUnavailable',
    'Processes that an earlier host left running go on starting others. End them, or restart the machine.',
  )
}
