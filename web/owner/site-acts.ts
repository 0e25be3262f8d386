import { isLive, isWithheld, type Site, type Words } from './site-words.ts'

/** What an owner does with one press. */
export type Act = 'extend' | 'resume' | 'restore' | 'keep'

/** Whether the owner decides: no operator has suspended it, nobody deletes it, and it is not being restored. */
const isOwners = (site: Site): boolean => site.deletion === null && site.operation !== 'restore' && !isWithheld(site)

/** Operations that must end before a resume. */
const blocksResuming = new Set(['suspended suspend', 'archived archive'])

/** What an owner can do with a site now, the likeliest first. Owners win over endings by deadline. */
export const actsFor = (site: Site): readonly Act[] => {
  const { status, operation, deletion, extension } = site
  const extend: readonly Act[] = extension !== null && extension.left > 0 ? ['extend'] : []
  if (isLive(site)) return extend
  if (status !== 'suspended' && status !== 'archived') return []
  if (deletion?.revocable === true) return ['keep']
  if (!isOwners(site)) return []
  if (blocksResuming.has(`${status} ${operation}`)) return extend
  return [status === 'archived' ? 'restore' : 'resume', ...extend]
}

export const mayDelete = ({ status, deletion, operation }: Site): boolean =>
  isLive({ status }) ||
  ((status === 'suspended' || status === 'archived') && deletion === null && operation !== 'restore')

/** Says what resuming or restoring uses up. */
const resumingText = ({ t, format }: Words, { status, extension, trialEndsAt }: Site, now: string): string => {
  if (extension === null || trialEndsAt === null) return ''
  const act = t(status === 'archived' ? 'hint.restoring' : 'hint.resuming')
  const days = format.days(extension.days)
  if (trialEndsAt <= now) {
    if (extension.left > 0) return t('hint.resume-extends', { act, days })
    return t(extension.used > 0 ? 'hint.resume-needs-plan' : 'hint.resume-only-plan', { act })
  }
  const values = { act, days, at: format.instant(trialEndsAt) }
  return t(extension.left > 0 ? 'hint.resume-free-extends' : 'hint.resume-free-needs-plan', values)
}

/** A hint for the acts; may be empty. @param now by the domain clock; RFC 3339 */
export const hintOf = (words: Words, site: Site, now: string): string => {
  const acts = actsFor(site)
  if (acts.includes('keep')) return words.t('hint.keep')
  if (acts.includes('resume') || acts.includes('restore')) return resumingText(words, site, now)
  const { left = 0, used = 0 } = site.extension ?? {}
  // A policy may allow none.
  return isLive(site) && left === 0 && used > 0 ? words.t('hint.extension-used') : ''
}

export const newsOf = ({ t, format }: Words, act: Act, before: Site, after: Site): string => {
  if (act === 'keep') return t('news.keep')
  const isStarting = after.status === 'active'
  const news = t(act === 'extend' ? 'news.extend' : isStarting ? 'news.starting' : 'news.restoring')
  return after.trialEndsAt === null || before.trialEndsAt === after.trialEndsAt
    ? news
    : `${news} ${t('news.ends', { at: format.instant(after.trialEndsAt) })}`
}
