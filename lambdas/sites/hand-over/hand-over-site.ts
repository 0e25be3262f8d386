import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { HookAnswer, SiteHooks } from '../../../core/ports/hooks.ts'
import {
  type Act,
  type ActPorts,
  attemptContext,
  commitOrRepeat,
  type OwnerAct,
  operateOnOwnSite,
  operateOnSite,
  type ReclaimPorts,
  requireKept,
  requireOperation,
  startOperation,
} from '../../../core/site/change-site.ts'
import type { HandOver } from '../../../core/site/hand-over.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import type { Site } from '../../../core/site/site.ts'
import type { Person } from '../../accounts/account.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import { generatedFor, type SecretPorts } from '../../configuration/read-configuration.ts'
import { blueprintOf } from '../run/prepare-launch.ts'
import { endHandOver, endUrlHook, type HandedOverSite, retryHandOver } from './hand-over-changes.ts'

/** How long a site may refuse its hook, in milliseconds. */
export const longestHandOver = 10 * 60_000

export const maxShown = 300

export interface HandOverPorts extends ReclaimPorts, SecretPorts {
  readonly accounts: Pick<AccountStore, 'getOwner'>
  readonly blueprints: BlueprintReader
  readonly hooks: SiteHooks
  readonly siteUrl: (hostname: string) => string
}

export const requireHandingOver = (site: Site | undefined, attempt: OperationAttempt): HandedOverSite => {
  const found = requireOperation(site, attempt, 'handover')
  if (found.status === 'active') return found
  throw new SitewrightError('OperationSuperseded', `${found.id} is not active.`)
}

type Hook = NonNullable<NonNullable<Blueprint['handOver']>['hook']>

/** @returns the answer without what only the owner may know. */
const callHook = async (ports: HandOverPorts, site: HandedOverSite, hook: Hook, owner: Person): Promise<HookAnswer> => {
  const { id, ownership } = site
  const isFirst = site.handOver?.status === 'pending'
  const siteUrl = ports.siteUrl(site.urlHostname ?? ownership.hostname)
  const names = [oneTimePassword, ...(hook.secret === undefined ? [] : [hook.secret])]
  const secrets = await generatedFor(ports, site, names)
  const password = secrets.get(oneTimePassword) ?? ''
  const token = hook.secret === undefined ? undefined : secrets.get(hook.secret)
  const { email, name } = owner
  const answer = await ports.hooks.call(site, {
    siteUrl: ports.siteUrl(ownership.hostname),
    path: hook.path,
    idempotencyKey: isFirst ? `handover-${id}` : site.operation.id,
    ...(token === undefined ? {} : { token }),
    body: JSON.stringify({ siteId: id, siteUrl, email, name, ...(isFirst && { password }) }),
  })
  if ('failure' in answer) return answer
  return { ...answer, text: withoutTexts(answer.text, [password, token, email, name]) }
}

/** Longer ones first, because an address may contain a name. */
export const withoutTexts = (text: string, hidden: readonly (string | undefined)[]): string =>
  hidden
    .flatMap((value) => (value ? [value] : []))
    .toSorted((one, other) => other.length - one.length)
    .reduce((cleaned, value) => cleaned.replaceAll(value, '…'), text)

export const failed = (
  ports: Pick<ReclaimPorts, 'clocks'>,
  reason: string,
  answer?: HookAnswer,
): Extract<HandOver, { status: 'failed' }> => ({
  status: 'failed',
  at: ports.clocks.domain(),
  reason,
  ...(answer === undefined || 'failure' in answer
    ? {}
    : { answer: { status: answer.status, excerpt: answer.text.slice(0, maxShown) } }),
})

const isOver = ({ operation: { requestedAt } }: HandedOverSite, { clocks }: HandOverPorts): boolean =>
  clocks.wall() >= plusMilliseconds(requestedAt, longestHandOver)

/** In milliseconds. */
const urlReprieve = 60 * 60_000

/** The product knows its owner already: the gate stays as it is. */
const commitUrlEnd = async (
  ports: ReclaimPorts,
  site: HandedOverSite,
  outcome: 'done' | 'failed',
  attempt: OperationAttempt,
): Promise<void> => {
  if (outcome === 'failed') {
    ports.log.warn({ event: 'url-not-taken', siteId: site.id }, 'a site did not take its URL; trying again in an hour')
  }
  const notBefore = outcome === 'failed' ? plusMilliseconds(ports.clocks.wall(), urlReprieve) : undefined
  await commitOrRepeat(ports, endUrlHook(site, notBefore, attemptContext(ports, attempt)))
}

export const commitEnd = async (
  ports: ReclaimPorts,
  site: HandedOverSite,
  handOver: Exclude<HandOver, { status: 'pending' }>,
  attempt: OperationAttempt,
): Promise<void> => {
  if (site.handOver?.status !== 'pending') return commitUrlEnd(ports, site, handOver.status, attempt)
  if (handOver.status === 'failed') {
    const message = 'a site could not be handed over'
    ports.log.warn({ event: 'hand-over-failed', siteId: site.id, status: handOver.answer?.status }, message)
  }
  await commitOrRepeat(ports, endHandOver(site, handOver, attemptContext(ports, attempt)))
}

/**
 * Tells the product who the owner is, and opens the gate once it agrees; or tells it a new URL.
 * @returns whether a command does it instead: the state machine asks.
 * @throws {SitewrightError} `SiteNotReady` while it may still agree.
 */
export const handOverSite = async (
  ports: HandOverPorts,
  attempt: OperationAttempt,
): Promise<{ readonly runs: boolean }> => {
  const site = requireHandingOver(await ports.sites.get(attempt.siteId), attempt)
  const { handOver } = await blueprintOf(ports.blueprints, site)
  if (handOver?.task !== undefined && site.handOver?.status === 'pending') return { runs: true }
  await handOverByHook(ports, site, handOver?.hook, attempt)
  return { runs: false }
}

const handOverByHook = async (
  ports: HandOverPorts,
  site: HandedOverSite,
  hook: Hook | undefined,
  attempt: OperationAttempt,
): Promise<void> => {
  const done: HandOver = { status: 'done', at: ports.clocks.domain() }
  // A newer version of the blueprint may have none.
  if (hook === undefined) return commitEnd(ports, site, done, attempt)
  const owner = await ports.accounts.getOwner(site.ownership.accountId)
  if (owner === undefined) return commitEnd(ports, site, failed(ports, 'The site has no owner any more.'), attempt)
  const answer: HookAnswer =
    site.endpoint === undefined ? { failure: 'refused' } : await callHook(ports, site, hook, owner)
  if ('status' in answer && answer.status >= 200 && answer.status < 300) return commitEnd(ports, site, done, attempt)
  if (isOver(site, ports)) {
    const reason = 'status' in answer ? `The site answered ${answer.status}.` : 'The site did not answer.'
    return commitEnd(ports, site, failed(ports, reason, answer), attempt)
  }
  throw new SitewrightError('SiteNotReady', `${site.id} has not taken its owner yet.`)
}

export const failHandOver = async (ports: HandOverPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireHandingOver(await ports.sites.get(attempt.siteId), attempt)
  await commitEnd(ports, site, failed(ports, 'The site did not take its owner in time.'), attempt)
}

/** Begins a failed hand-over again. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `OperationInProgress`. */
export const retryOwnHandOver = (ports: ActPorts, act: OwnerAct): Promise<Site> =>
  operateOnOwnSite(ports, act, (found, context) => retryHandOver(requireKept(found), context))

/** Like {@link retryOwnHandOver}, for any site. */
export const retryHandOverAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  operateOnSite(ports, act, (found, context) => retryHandOver(requireKept(found), context, { reason }))

/** Hands a site over at once that has got its owner. If it cannot start now, the sweep starts it. */
export const beginHandOver = async (
  { sites, workflows }: Pick<ActPorts, 'sites' | 'workflows'>,
  siteId: SiteId,
): Promise<void> => {
  const site = await sites.get(siteId)
  if (site?.status === 'active' && site.operation?.kind === 'handover') await startOperation(workflows, site)
}
