import { createDirectEdge, createRegistrableDomains } from '../../adapters/dns/resolver-dns.ts'
import { createRandomness } from '../../adapters/randomness.ts'
import { toInstant } from '../../core/instant.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { createAdmission } from '../../core/waiting-list/admit-trials.ts'
import { create as createOwnerApi } from '../../lambdas/http/owner-api.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { openHome } from '../../local/home/open-home.ts'
import { lambdaContext } from '../../local/load-functions.ts'
import { openPayments } from '../../local/open-payments.ts'
import { openStore } from '../../local/open-store.ts'
import config from '../../sitewright.config.ts'
import { siteRequest } from './site-request.ts'

const wall = (): string => toInstant(new Date())
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const origin = 'http://localhost'

/** The owners' function alone, over an engine of its own: nothing else in this process asks that engine anything. */
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
  const admission = createAdmission({
    ...store,
    clocks,
    ceilings: config.trials,
    log: silent,
    monotonic: () => performance.now(),
  })
  const nothing = async () => []
  const dns = { txt: nothing, cname: nothing, addresses: nothing }
  const domainParts = { dns, edge: createDirectEdge(dns), registrableDomains: createRegistrableDomains() }
  const ports = {
    ...store,
    admission,
    ...domainParts,
    ...openPayments(undefined, { installation: 'bench', wall, log: silent }),
    meter: { measure: async () => undefined },
    clocks,
    randomness: createRandomness(),
    plans: planCatalogue(config.plans),
    policies,
    cell: 'local',
    offeredBlueprints: config.offeredBlueprints,
    sitesDomain: 'localhost',
    reservedSlugs: [],
    consoleUrl: origin,
    contact: config.contact,
    siteUrl: (hostname: string) => `http://${hostname}`,
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    archiveLinks: { linkTo: () => Promise.reject(new Error('nobody asks for archives here')) },
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
