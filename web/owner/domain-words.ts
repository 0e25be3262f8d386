import type { components } from '../api/openapi.d.ts'
import type { ownerDomains } from '../texts/catalogues/owner-domains.ts'
import type { Texts } from '../texts/texts.ts'

export type Domain = components['schemas']['Domain']
export type DnsRecord = Domain['records'][number]
type Words = Pick<Texts<keyof typeof ownerDomains>, 't' | 'format'>

/** How long certificates and DNS may take after verification. */
const servedMilliseconds = 15 * 60_000

const isAllRight = ({ records }: Domain): boolean => records.every(({ seen }) => seen === 'right' || seen === null)
const typesOf = ({ records }: Domain, seen: DnsRecord['seen']): readonly string[] =>
  records.filter((record) => record.seen === seen).map(({ type }) => type)

const releasingText = ({ t, format }: Words, { releaseAt, releasedBecause }: Domain, now: string): string => {
  const because = t(`domain-because.${releasedBecause ?? 'other'}`)
  return releaseAt !== null && releaseAt > now
    ? t('domain.releasing', { at: format.instant(releaseAt), wait: format.fromNow(releaseAt, now), because })
    : t('domain.releasing-soon', { because })
}

/** Says a domain's state and what its owner should do. @param now by the domain clock; RFC 3339 */
export const domainText = (words: Words, domain: Domain, now: string): string => {
  const { state, checkedAt, verifiedAt, certificateRetryAt } = domain
  const { t } = words
  if (state === 'pending') return t(checkedAt !== null && isAllRight(domain) ? 'domain.held' : 'domain.pending')
  if (state === 'failing') return t('domain.failing', { types: words.format.list(typesOf(domain, 'wrong')) })
  if (state === 'releasing') return releasingText(words, domain, now)
  if (certificateRetryAt !== null) return t('domain.uncertified', { at: words.format.instant(certificateRetryAt) })
  const isNew = verifiedAt !== null && Date.parse(now) - Date.parse(verifiedAt) < servedMilliseconds
  return t(isNew ? 'domain.verified-new' : 'domain.verified')
}

/** Says when the records were checked, and when a pending domain is removed; may be empty. */
export const checkedText = ({ t, format }: Words, { state, checkedAt, releaseAt }: Domain): string =>
  [
    checkedAt === null ? '' : t('domain.checked', { at: format.instant(checkedAt) }),
    state === 'pending' && releaseAt !== null ? t('domain.removed-at', { at: format.instant(releaseAt) }) : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')

/**
 * What the owner's check found, or a later one, such as the host's own right after it; empty without one.
 * @param checked the domain as their check left it
 */
export const checkResultText = (
  { t, format }: Words,
  domain: Domain,
  checked: Pick<Domain, 'checkedAt'> | undefined,
): string => {
  if (!checked?.checkedAt || !domain.checkedAt || domain.checkedAt < checked.checkedAt) return ''
  if (isAllRight(domain)) return t(domain.state === 'verified' ? 'domain.looked-right' : 'domain.looked')
  const [wrong, unknown] = [typesOf(domain, 'wrong'), typesOf(domain, 'unknown')]
  return [
    t('domain.looked'),
    wrong.length === 0 ? '' : t('domain.looked-wrong', { types: format.list(wrong) }),
    unknown.length === 0 ? '' : t('domain.looked-unknown', { types: format.list(unknown) }),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

export const verifiedSince = (before: readonly Domain[], after: readonly Domain[]): readonly string[] =>
  after
    .filter(({ hostname, state }) => {
      const earlier = before.find((domain) => domain.hostname === hostname)
      return state === 'verified' && earlier?.state === 'pending'
    })
    .map(({ hostname }) => hostname)

export const needsRecords = ({ state, releasedBecause }: Domain): boolean =>
  state !== 'verified' && releasedBecause !== 'plan-changed'

type Seen = 'right' | 'wrong' | 'missing' | 'unknown' | 'unchecked' | 'edge'

/** What the last check saw of a record. @param wasThere whether it was correct before */
export const seenOf = ({ seen, purpose }: Pick<DnsRecord, 'seen' | 'purpose'>, wasThere: boolean): Seen => {
  if (purpose === 'edge') return 'edge'
  if (seen === null) return 'unchecked'
  return seen === 'wrong' && !wasThere ? 'missing' : seen
}

/** The URL of a custom domain; undefined on a machine without a public domain, whose DNS browsers do not ask. */
export const domainUrl = (siteUrl: string, hostname: string): string | undefined => {
  const url = new URL(siteUrl)
  if (url.hostname.endsWith('.localhost')) return undefined
  url.hostname = hostname
  return url.href
}
