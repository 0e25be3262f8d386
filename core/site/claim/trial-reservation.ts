import type { Reservations } from '../change.ts'
import type { Ownership } from '../site.ts'

/** The hostname and the trial that a site takes from its claim on, and that a failed build returns. */
export const trialReservation = ({
  hostname,
  accountId,
  trialOf,
}: Ownership): Pick<Reservations, 'hostname' | 'trial' | 'trialOf'> => ({
  hostname,
  trial: accountId,
  ...(trialOf === undefined ? {} : { trialOf }),
})
