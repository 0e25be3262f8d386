import type { components } from '../api/openapi.d.ts'
import type { catalogue } from '../texts/catalogues/owner.ts'
import type { Texts } from '../texts/texts.ts'

export type Site = components['schemas']['Site']

/** The texts of the page, for functions that say something. */
export type Words = Texts<keyof typeof catalogue>

/** The hostname that visitors know: the main custom domain, if there is one. */
export const addressOf = ({ mainUrl }: Pick<Site, 'mainUrl'>): string => new URL(mainUrl).hostname

const becauseOf = ({ suspended, archived }: Pick<Site, 'suspended' | 'archived'>) => (suspended ?? archived)?.because

const withheld: ReadonlySet<string | null | undefined> = new Set(['operator', 'moved', 'subscription-paused'])

/** Whether an operator stopped it or its subscription, or it moved to another installation: then its owner cannot have it run again here. */
export const isWithheld = (site: Pick<Site, 'suspended' | 'archived'>): boolean => withheld.has(becauseOf(site))

/** Whether a site is in use: it runs, or it starts at the next visit. */
export const isLive = ({ status }: Pick<Site, 'status'>): boolean => status === 'active' || status === 'asleep'

/** Whether there is a site to work with: it is built, and not deleted. */
export const isKept = (site: Pick<Site, 'status'>): boolean =>
  isLive(site) || site.status === 'suspended' || site.status === 'archived'

/** The state of a site in a word, as its badge shows it. */
export const stateOf = ({ status, deletion, operation, downSince }: Site) => {
  if (status === 'purged') return status
  if (deletion !== null || operation === 'purge') return 'deleting'
  if (downSince !== null) return 'down'
  return status === 'active' ? 'awake' : status
}

/** For these, an environment is down with its site, and nobody pays for it. */
const unpaid: ReadonlySet<string | undefined> = new Set(['trial-ended', 'payment-overdue', 'subscription-ended'])

const suspensionText = ({ t }: Words, { suspended, deletion, trialEndsAt, environment }: Site): string => {
  if (deletion !== null) return t('because.deletion')
  const isOfSite = environment !== undefined && unpaid.has(suspended?.because)
  const because = (!isOfSite && suspended?.because) || 'owner-deletion'
  // A trial that was extended, or bought and ended, has run on since.
  const isEarlier = trialEndsAt === null || (suspended !== null && trialEndsAt > suspended.at)
  return t(because === 'trial-ended' && isEarlier ? 'because.trial-ended-earlier' : `because.${because}`)
}

export const statusText = (words: Words, site: Site): string => {
  if (site.status === 'suspended') return suspensionText(words, site)
  if (site.status === 'failed') return words.t(`status.failed-${site.failure?.again ?? 'contact'}`)
  return words.t(site.status === 'archived' && becauseOf(site) === 'moved' ? 'because.moved' : `status.${site.status}`)
}

/** Why a site could not be built, and the language of that. */
export const failureText = (
  { language }: Words,
  { reason, reasonInGerman }: NonNullable<Site['failure']>,
): { readonly text: string; readonly lang: 'en' | 'de' } =>
  language === 'de' && reasonInGerman !== null ? { text: reasonInGerman, lang: 'de' } : { text: reason, lang: 'en' }

export const dateText = ({ t, format }: Words, at: string, now: string): string =>
  t('ends.at', { at: format.instant(at), wait: format.fromNow(at, now) })

/** The next deadline, and what happens then or can be done until then; both may be empty. */
type Deadline = readonly [until: string, afterwards: string]

const none: Deadline = ['', '']

const endOfEnvironment = (words: Words, endsAt: string | null, now: string): Deadline => {
  const { t } = words
  if (endsAt === null) return none
  if (endsAt <= now) return [t('ends.environment-soon'), '']
  return [t('ends.environment', { at: dateText(words, endsAt, now) }), t('ends.environment-then')]
}

const endOfRunning = (words: Words, { environment, trialEndsAt, nextStep }: Site, now: string): Deadline => {
  const { t } = words
  if (environment !== undefined) return endOfEnvironment(words, environment.endsAt, now)
  const isSuspended = nextStep?.step === 'suspend' && nextStep.at > now
  if (trialEndsAt === null) {
    // Its subscription has ended, or a payment is overdue.
    return isSuspended ? [t('ends.suspension', { at: dateText(words, nextStep.at, now) }), t('ends.kept')] : none
  }
  if (trialEndsAt > now) {
    return [t('ends.trial', { at: dateText(words, trialEndsAt, now) }), t('ends.trial-then')]
  }
  // A closed gate has postponed the suspension.
  return isSuspended
    ? [t('ends.trial-postponed', { at: dateText(words, nextStep.at, now) }), t('ends.kept')]
    : [t('ends.trial-over', { at: words.format.instant(trialEndsAt) }), t('ends.trial-over-then')]
}

const endByDeletion = (words: Words, { purgeAt, revocable }: NonNullable<Site['deletion']>, now: string): Deadline => {
  const { t } = words
  if (purgeAt === null) return [t('ends.deletion-open'), '']
  const afterwards = t(revocable ? 'ends.revocable' : 'ends.irrevocable')
  const until = purgeAt > now ? t('ends.deletion', { at: dateText(words, purgeAt, now) }) : t('ends.deletion-soon')
  return [until, afterwards]
}

const endOfGrace = (words: Words, site: Site, now: string): Deadline => {
  const { t } = words
  const { nextStep } = site
  if (nextStep === null) return [t('ends.kept'), '']
  if (nextStep.at <= now) return [t('ends.grace-soon'), '']
  const at = dateText(words, nextStep.at, now)
  if (isWithheld(site)) return [t('ends.grace-withheld', { at }), t('ends.kept')]
  const because = site.suspended?.because
  if (because === 'payment-overdue') return [t('ends.grace-payment-overdue', { at }), '']
  return [t(because === 'subscription-ended' ? 'ends.grace-subscription-ended' : 'ends.grace', { at }), '']
}

const endOfRetention = (words: Words, site: Site, now: string): Deadline => {
  const { t } = words
  const purgeAt = site.archived?.purgeAt ?? null
  const isTheirs = !isWithheld(site)
  if (purgeAt === null) return [t(isTheirs ? 'ends.retention-open' : 'ends.irrevocable'), '']
  if (purgeAt <= now) return [t('ends.deletion-soon'), '']
  const until = t('ends.retention', { at: dateText(words, purgeAt, now) })
  return [until, t(isTheirs ? 'ends.retention-then' : 'ends.irrevocable')]
}

/** The next deadline for the owner. It may have passed. @param now by the domain clock; RFC 3339 */
export const deadlineOf = (words: Words, site: Site, now: string): Deadline => {
  if (isLive(site)) return endOfRunning(words, site, now)
  if (!isKept(site)) return none
  if (site.deletion !== null) return endByDeletion(words, site.deletion, now)
  return site.status === 'suspended' ? endOfGrace(words, site, now) : endOfRetention(words, site, now)
}

export const sleepText = ({ t, format }: Words, minutes: number | null): string =>
  minutes === null ? t('sleep.never') : t('sleep.after', { minutes: format.minutes(minutes) })
