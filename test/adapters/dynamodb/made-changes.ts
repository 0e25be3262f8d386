import { createRandomness } from '../../../adapters/randomness.ts'
import { emailHash } from '../../../core/email.ts'
import { system } from '../../../core/events/event-names.ts'
import { type IdempotencyRecord, idempotencyRecord } from '../../../core/idempotency.ts'
import type { AccountId } from '../../../core/ids.ts'
import type { ChangeContext, SiteChange } from '../../../core/site/lifecycle.ts'
import type { Ownership } from '../../../core/site/ownership.ts'
import type { ActiveSite, BuildingSite, FailedSite, ReadySite } from '../../../core/site/site.ts'
import type { AccountOpening } from '../../../lambdas/accounts/account.ts'
import type { Session } from '../../../lambdas/accounts/session/session-facts.ts'
import { type AuditEntry, auditEntry } from '../../../lambdas/operators/audit/audit-entry.ts'
import type { Signup } from '../../../lambdas/signup/signup.ts'
import { finishBuild } from '../../../lambdas/sites/build/build-changes.ts'
import { failBuild } from '../../../lambdas/sites/build/build-failure.ts'
import { requestSite } from '../../../lambdas/sites/build/request-build.ts'
import { claimSite } from '../../../lambdas/sites/claim/pooled-site.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import type { TestStore } from './test-store.ts'

export const now = '2026-03-01T12:00:00.000Z'
export const later = '2026-03-01T12:15:00.000Z'

export const randomness = createRandomness()
export const clocks = { domain: () => now, wall: () => now }
export const context: ChangeContext = { actor: system, causationId: 'req_test', clocks, randomness }

/** What nobody else uses: tests share tables. */
export const newAccountId = (): AccountId => randomness.id('acct')
export const newSlug = (): string => `s-${randomness.id('req').slice(-26)}`
export const newCell = (): string => `cell-${randomness.id('req').slice(-26)}`

const endpoint = { host: '127.0.0.1', port: 4001 }

export const owner = ({ accountId = newAccountId(), slug = newSlug() } = {}): Ownership => ({
  accountId,
  slug,
  hostname: `${slug}.sites.example.com`,
  name: slug,
  since: now,
})

export const keyRecord = (created: string, key = newSlug()): IdempotencyRecord =>
  idempotencyRecord({ scope: 'test', key, request: {} }, created, now)

const reservations = (ownership: Ownership, idempotency?: IdempotencyRecord) => ({
  hostname: ownership.hostname,
  trial: ownership.accountId,
  ...(idempotency && { idempotency }),
})

interface Requested {
  readonly cell?: string
  readonly blueprintVersion?: number
  readonly ownership?: Ownership
  readonly idempotency?: IdempotencyRecord
}

export const request = ({
  cell = newCell(),
  blueprintVersion = 1,
  ownership,
  idempotency,
}: Requested = {}): SiteChange<BuildingSite> =>
  requestSite(
    {
      id: randomness.id('site'),
      cell,
      plan: 'trial',
      blueprint: { name: 'welcome', version: blueprintVersion },
      policyVersion: 1,
      entry: {},
      ...(ownership && { ownership, reserve: reservations(ownership, idempotency) }),
    },
    context,
  )

/** Ends a build well: into the pool, or to the owner. */
export const finish = (site: BuildingSite): SiteChange<ActiveSite> | SiteChange<ReadySite> =>
  finishBuild({ ...site, endpoint }, samplePolicies.current, context)

export const fail = (site: BuildingSite): SiteChange<FailedSite> =>
  failBuild(site, { step: 'start', reason: 'It did not come up.' }, context)

export const claim = (site: ReadySite, ownership = owner(), idempotency?: IdempotencyRecord): SiteChange<ActiveSite> =>
  claimSite(site, { ownership, policy: samplePolicies.current, reserve: reservations(ownership, idempotency) }, context)

/** An open site as it is, without the way there. */
export const placed = (facts: Partial<ActiveSite>): SiteChange<ActiveSite> => {
  const after: ActiveSite = {
    schemaVersion: 1,
    id: randomness.id('site'),
    version: 1,
    status: 'active',
    cell: 'local',
    plan: 'trial',
    blueprint: { name: 'welcome', version: 1 },
    policyVersion: 1,
    createdAt: now,
    completedSteps: [],
    generation: 1,
    ownership: owner(),
    trialEndsAt: now,
    reminded: [1],
    extensionsUsed: 0,
    archives: [],
    ...facts,
  }
  const { id, version, status, plan, cell, blueprint } = after
  const aggregate = { type: 'site', id } as const
  return {
    before: undefined,
    after,
    event: {
      schemaVersion: 1,
      id: randomness.id('evt'),
      type: 'SiteOpened',
      aggregate,
      version,
      at: now,
      actor: system,
      causationId: 'req_test',
      data: { status, plan, cell, blueprint, step: 'open' },
    },
  }
}

/** Commits what has to go through. */
export const commit = async <Change extends SiteChange>(
  store: Pick<TestStore, 'sites'>,
  change: Change,
): Promise<Change['after']> => {
  const result = await store.sites.commit(change)
  if (!result.done) throw new Error(`a change that a test builds on was refused: ${result.obstacle}`)
  return change.after
}

/** A finished site of the pool. */
export const readySite = async (store: Pick<TestStore, 'sites'>, requested: Requested = {}): Promise<ReadySite> => {
  const site = await commit(store, finish(await commit(store, request(requested))))
  if (site.status !== 'ready') throw new Error('the site has an owner')
  return site
}

export const newSignup = (facts: Partial<Signup> = {}): Signup => {
  const id = randomness.id('sgn')
  const email = facts.email ?? `${id}@example.com`
  return {
    schemaVersion: 1,
    id,
    email,
    emailHash: emailHash(email),
    codeHash: 'hash of the code',
    createdAt: now,
    expiresAt: later,
    tries: 0,
    ...facts,
  }
}

/** What the right code brings: a session, and the account of an address that is new. */
/** An entry of the audit log. */
export const newEntry = (said: Partial<AuditEntry> = {}): AuditEntry =>
  auditEntry(
    { clocks, randomness, auditPolicy: { retentionDays: 400 } },
    { who: { kind: 'person', id: randomness.id('prsn') }, action: 'signIn', from: { network: '192.0.2.1' }, ...said },
    said.at,
  )

export const completion = (
  signup: Signup,
): { signup: Signup; session: Session; opening: AccountOpening; entry: AuditEntry } => {
  const personId = randomness.id('prsn')
  const accountId = randomness.id('acct')
  const { email } = signup
  return {
    signup,
    session: {
      schemaVersion: 1,
      tokenHash: `hash of ${randomness.token()}`,
      personId,
      accountId,
      email,
      createdAt: now,
      expiresAt: '2026-03-31T12:00:00.000Z',
    },
    opening: {
      person: { schemaVersion: 1, id: personId, email, emailHash: signup.emailHash, createdAt: now },
      account: { schemaVersion: 1, id: accountId, version: 1, ownerId: personId, createdAt: now },
      event: {
        schemaVersion: 1,
        id: randomness.id('evt'),
        type: 'AccountOpened',
        aggregate: { type: 'account', id: accountId },
        version: 1,
        at: now,
        actor: { kind: 'owner', personId },
        causationId: signup.id,
        data: { personId },
      },
    },
    entry: newEntry({ who: { kind: 'person', id: personId }, targets: [accountId] }),
  }
}
