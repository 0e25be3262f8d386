import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { createDirectEdge, createRegistrableDomains } from '../../../adapters/dns/resolver-dns.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { tokenHash } from '../../../core/digest.ts'
import { plusMilliseconds, toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { auditEntry } from '../../../lambdas/operators/audit/audit-entry.ts'
import { create as createOwnerApi } from '../../../lambdas/sites/api.ts'
import { finishBuild, noteReady } from '../../../lambdas/sites/build/build-changes.ts'
import { requestSite } from '../../../lambdas/sites/build/request-build.ts'
import { createAdmission } from '../../../lambdas/trials/waiting-list/admit-trials.ts'
import { startEngine } from '../../../local/engine/start-engine.ts'
import { openHome } from '../../../local/home/open-home.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'
import { openPayments } from '../../../local/open-payments.ts'
import { openStore } from '../../../local/open-store.ts'
import config from '../../../sitewright.config.ts'

const wall = (): string => toInstant(new Date())
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const origin = 'http://localhost'

/** Only the owners' function, on its own engine, so that nothing else calls that engine. */
export const openOwnerApi = async (directory: string) => {
  await using opening = new AsyncDisposableStack()
  const home = await openHome(directory)
  opening.defer(home.release)
  const engine = await startEngine({ home, environment: process.env, log: silent })
  opening.defer(engine.stop)
  const policies = trialPolicies(config.trialPolicies)
  const store = await openStore(engine, { policies, onCommit: () => undefined })
  opening.defer(store.close)
  const clocks = { domain: wall, wall }
  const capacities = [{ name: 'local', sites: 1_000_000 }]
  const admission = createAdmission({
    ...store,
    clocks,
    ceilings: config.trials,
    log: silent,
    capacities,
    monotonic: () => performance.now(),
  })
  const nothing = async () => []
  const dns = { txt: nothing, cname: nothing, addresses: nothing }
  const domainParts = {
    dns,
    edge: createDirectEdge(dns),
    reach: { ask: async () => 'unknown' as const },
    registrableDomains: createRegistrableDomains(),
  }
  const ports = {
    ...store,
    admission,
    ...domainParts,
    ...openPayments(undefined, { installation: 'bench', catalogue: config, wall, log: silent }),
    meter: { measure: async () => undefined },
    clocks,
    randomness: createRandomness(),
    plans: planCatalogue(config.plans),
    policies,
    capacities,
    offeredBlueprints: config.offeredBlueprints,
    offers: createOffers([], 'http://localhost:4000'),
    sitesDomain: 'localhost',
    reservedSlugs: [],
    consoleUrl: origin,
    contact: config.contact,
    auditPolicy: config.audit,
    leadPolicy: config.leads,
    reportPolicy: config.reports,
    siteUrl: (hostname: string) => `http://${hostname}`,
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    archiveLinks: { linkTo: () => Promise.reject(new Error('this bench requests no archives')) },
    log: silent,
  }
  const handle = createOwnerApi(ports)
  const opened = opening.move()
  return {
    ports,
    createSite: async (token: string, slug: string): Promise<void> => {
      const { statusCode, body } = await handle(siteRequest(token, slug), lambdaContext('owner-api', 15))
      if (statusCode !== 201) throw new Error(`POST /v1/sites answered ${statusCode}: ${body}`)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export type OwnerApi = Awaited<ReturnType<typeof openOwnerApi>>

const siteRequest = (token: string, slug: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: 'POST /v1/sites',
  rawPath: '/v1/sites',
  rawQueryString: '',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': slug },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'localhost',
    domainPrefix: 'localhost',
    http: { method: 'POST', path: '/v1/sites', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: slug,
    routeKey: 'POST /v1/sites',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 0,
  },
  body: JSON.stringify({ slug }),
  isBase64Encoded: false,
})

const minute = 60_000

/** Adds a finished site to the pool. No process runs for it, because nobody sends it requests. */
export const addToPool = async ({ ports }: OwnerApi): Promise<void> => {
  const { sites, randomness, policies, plans, offeredBlueprints } = ports
  const context = { actor: { kind: 'system' } as const, causationId: 'bench', ...ports }
  const commit = async <Change extends SiteChange>(change: Change): Promise<Change['after']> => {
    const result = await sites.commit(change)
    if (!result.done) throw new Error(`a site could not be put into the pool: ${result.obstacle}`)
    return change.after
  }
  const request = {
    id: randomness.id('site'),
    cell: 'local',
    plan: plans.trial.id,
    blueprint: { name: offeredBlueprints[0], version: 1 },
    policyVersion: policies.current.version,
    entry: {},
  }
  const building = await commit(requestSite(request, context))
  const answering = noteReady(building, { host: '127.0.0.1', port: 20_000 }, context)
  if (answering === undefined) throw new Error('a new site answers already')
  await commit<SiteChange>(finishBuild(await commit(answering), policies.current, context))
}

export const signIn = async ({ ports }: OwnerApi): Promise<string> => {
  const { signups, randomness, clocks } = ports
  const token = randomness.token()
  const createdAt = clocks.wall()
  const dated = { schemaVersion: 1, createdAt, expiresAt: plusMilliseconds(createdAt, 15 * minute) } as const
  const email = 'somebody@example.com'
  const signup = { ...dated, id: randomness.id('sgn'), email, emailHash: 'bench', codeHash: 'bench', tries: 0 }
  await signups.create(signup)
  const personId = randomness.id('prsn')
  const session = { ...dated, tokenHash: tokenHash(token), personId, accountId: randomness.id('acct'), email }
  const who = { kind: 'person', id: personId } as const
  const entry = auditEntry(ports, { who, action: 'signIn', from: { network: '127.0.0.1' } })
  await signups.complete({ signup, session, entry })
  return token
}
