import { plusMilliseconds } from '../../core/instant.ts'
import type { Offers } from '../offers/offers.ts'
import { heldOffer } from '../offers/session-offer.ts'
import { admitByNetwork } from '../rate-limits/admit-in-window.ts'
import type { CountPorts } from '../rate-limits/count-in-windows.ts'
import type { AbusePolicy } from '../signup/abuse/abuse-policy.ts'
import { readAttribution } from '../signup/attribution.ts'
import type { ReportRows } from './ports.ts'
import { campaignOf, keptUntil } from './record-rows.ts'

export interface CountVisitPorts extends CountPorts {
  readonly abuse: Pick<AbusePolicy, 'limitLoopback'>
  readonly offers: Offers
  readonly reportRows: Pick<ReportRows, 'countVisit'>
}

/** What a page says of a visit; anything may be wrong. */
export interface SaidVisit {
  readonly offer?: string | undefined
  readonly variant?: string | undefined
  readonly source?: string | undefined
  readonly medium?: string | undefined
  readonly campaign?: string | undefined
}

/** How many combinations of offer, variant and campaign an hour can have. */
const maxCombinations = 200

const hourMilliseconds = 3_600_000

/**
 * Counts a visit. Beyond 200 combinations in an hour, others are counted with the campaign `other`.
 * @throws {SitewrightError} `RateLimited` above 300 visits of one network in ten minutes.
 */
export const countVisit = async (
  ports: CountVisitPorts,
  said: SaidVisit,
  { sourceIp, refusesAttribution }: { readonly sourceIp: string; readonly refusesAttribution: boolean },
): Promise<void> => {
  await admitByNetwork(ports, sourceIp, { of: 'visits of network', requests: 'visits' })
  const { offers, reportRows, rateWindows, clocks } = ports
  const offer = offers.find(said.offer)
  const { variant } = heldOffer(offer, said.variant)
  const at = `${clocks.domain().slice(0, 13)}:00:00.000Z`
  const plain = { at, offer: offer.id, ...(variant === undefined ? {} : { variant }) }
  const attribution = refusesAttribution
    ? undefined
    : readAttribution({ ...said }, { hasConsent: false, usual: offer.campaign })
  const visit = { ...plain, ...campaignOf(attribution ?? {}) }
  const kept = keptUntil(ports)
  if (await reportRows.countVisit(visit, { mayBeNew: false, keptUntil: kept })) return
  const window = { key: `visits ${at}`, endsAt: plusMilliseconds(clocks.wall(), 2 * hourMilliseconds) }
  const fits = await rateWindows.countUpTo([{ ...window, limit: maxCombinations }])
  await reportRows.countVisit(fits ? visit : { ...plain, campaign: 'other' }, { mayBeNew: true, keptUntil: kept })
}
