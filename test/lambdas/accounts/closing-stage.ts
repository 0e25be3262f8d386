import { paginateScan } from '@aws-sdk/lib-dynamodb'
import { createProofOfWork } from '../../../adapters/altcha/proof-of-work.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, PurgedSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { erasePeople, redactCustomers } from '../../../lambdas/accounts/erase-people.ts'
import { followClosures } from '../../../lambdas/accounts/follow-closures.ts'
import { ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { beginPurge, purgeSite } from '../../../lambdas/endings/purge-site.ts'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { startSignup } from '../../../lambdas/signup/start-signup.ts'
import { verifySignup } from '../../../lambdas/signup/verify-signup.ts'
import { openStoreOn } from '../../../local/open-store.ts'
import { placed } from '../../adapters/dynamodb/made-changes.ts'
import { createPaymentsModel } from '../../support/billing/payments-model.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { quickClients } from '../../support/memory-table/quick-client.ts'
import { welcome } from '../../support/provisioning.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { unlimited } from '../../support/signing-up.ts'

const day = 86_400_000
const question = { id: 'goal', kind: 'text', label: { en: 'Goal', de: 'Ziel' } }
const offers = createOffers([offerSchema.parse({ id: 'default', questions: [question] })], 'http://localhost:4000')

/** Ada, her account and the sweeps on the host's store in memory. */
export const closingStage = async () => {
  const { engine, client } = quickClients()
  const store = await openStoreOn({ engine, client }, { policies: samplePolicies, onCommit: () => undefined })
  let now = '2026-03-01T12:00:00.000Z'
  const clocks = { domain: () => now, wall: () => now }
  const mails = new Map<string, MailMessage>()
  const stripe = createPaymentsModel({ now: clocks.domain })
  const log = recordingLog()
  const ports = {
    ...store,
    clocks,
    log,
    randomness: createRandomness(),
    policies: samplePolicies,
    payments: stripe.payments,
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    codeSecret: async () => 'secret',
    auditPolicy: { retentionDays: 400 },
    abuse: unlimited,
    disposableDomains: new Set<string>(),
    freeMailDomains: new Set(['gmail.com']),
    proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', ...unlimited.proofOfWork }),
    offers,
    brand: 'Sitewright',
    contact: 'help@example.com',
    consoleUrl: 'http://localhost:4000',
    mailer: {
      send: async (message: MailMessage) => {
        mails.set(message.id, message)
      },
    },
    personalFiles: { erase: async () => true },
  }
  const commit = async <After extends Site>(change: SiteChange<After>): Promise<After> => {
    if (!(await store.sites.commit(change)).done) throw new Error('a change that a test builds on was refused')
    return change.after
  }
  const context = { actor: { kind: 'system' }, causationId: 'test', ...ports } as const

  return {
    ports,
    commit,
    context,
    store,
    mails,
    stripe,
    log,
    pass: (milliseconds: number) => {
      now = plusMilliseconds(now, milliseconds)
    },
    signUp: async (email: string, facts: { name?: string; company?: string } = {}) => {
      const command = { email, sourceIp: '203.0.113.7', acceptedTerms: true, timeZone: 'Europe/London', ...facts }
      const { id } = await startSignup(ports, {
        ...command,
        attribution: { landingPage: `https://example.com/?${email}` },
        answers: { goal: `A site for ${email}` },
      })
      const code = [...mails.values()].findLast(({ to }) => to === email)?.code ?? ''
      const { session } = await verifySignup(ports, { id, code, sourceIp: '203.0.113.7' })
      return session
    },
    /** A running site. */
    siteOf: async (
      accountId: AccountId,
      slug: string,
      name: string,
      { usesTrial = true, ...facts }: Partial<ActiveSite> & { readonly usesTrial?: boolean } = {},
    ) => {
      const ownership = { accountId, slug, hostname: `${slug}.localhost`, name, since: now }
      const change = placed({ ownership, trialEndsAt: plusMilliseconds(now, 14 * day), reminded: [], ...facts })
      return commit({ ...change, reserve: { hostname: ownership.hostname, ...(usesTrial && { trial: accountId }) } })
    },
    /** Gives a site a version of software of its own. */
    deployTo: async (siteId: SiteId, title: string) => {
      const blueprint = { ...welcome(1), name: ownBlueprint(siteId), title }
      await store.blueprints.publish(blueprint)
      await store.deployments.add({
        ...{ schemaVersion: 1, id: ports.randomness.id('dpl'), siteId, version: 1, status: 'live', at: now },
        ...{ actor: { kind: 'system' }, images: {}, blueprint, file: { title } },
      })
    },
    /** Purges a site whose deletion has been requested. */
    purge: async (id: SiteId) => {
      const found = (await store.sites.get(id)) as SuspendedSite
      const idle =
        found.operation === undefined
          ? found
          : ((await commit(endOperation(found as never, 'done', context))) as SuspendedSite)
      const begun = (await commit(beginPurge(idle, context))) as SuspendedSite & SiteUnder<'purge'>
      const purged = await commit(purgeSite(begun, context))
      // As `removeRemains` does.
      await store.deployments.erase(id)
      const ended = endOperation(purged as PurgedSite & SiteUnder<'purge'>, 'done', context)
      await commit(ended)
      return ended
    },
    /** Writes what follows a change, as a function does that read the site then. */
    writeAfter: ({ after, event }: SiteChange) => {
      const version = after.version + 1
      return store.sites.commit({
        ...{ before: after, after: { ...after, version } },
        event: { ...event, id: ports.randomness.id('evt'), version },
      })
    },
    /** What the clock calls each minute or, for Stripe, twice a day. */
    sweep: async () => {
      await followClosures(ports, 'sweep')
      await erasePeople(ports)
      await redactCustomers(ports)
    },
    /** Every item of both tables, as text. */
    everything: async () => {
      const items: string[] = []
      for (const TableName of ['sitewright', 'sitewright-short']) {
        for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
          items.push(...Items.map((item) => JSON.stringify(item)))
        }
      }
      return items
    },
  }
}
export type ClosingStage = Awaited<ReturnType<typeof closingStage>>
