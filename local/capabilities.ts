import { createHmac } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createProofOfWork } from '../adapters/altcha/proof-of-work.ts'
import { workersAtOnce } from '../adapters/archiver/process-archiver.ts'
import {
  createSiteSecrets,
  createWebhookSecrets,
  proofSecrets,
  webhookKeyOf,
} from '../adapters/derived-secrets/derive-secret.ts'
import { createSealedSecrets } from '../adapters/derived-secrets/sealed-secrets.ts'
import { knownDisposableDomains } from '../adapters/disposable-mail/known-disposable-domains.ts'
import { createDirectEdge, createRegistrableDomains, directTenants } from '../adapters/dns/resolver-dns.ts'
import { freeMailDomains } from '../adapters/free-mail/free-mail-domains.ts'
import { createDomainReach } from '../adapters/http/domain-reach.ts'
import { createHealthProbe } from '../adapters/http/health-probe.ts'
import { createSiteHooks } from '../adapters/http/site-hooks.ts'
import { createWebhookSender } from '../adapters/webhooks/webhook-sender.ts'
import type { Config } from '../core/config/config.ts'
import { reservedNames } from '../core/hostname/slug.ts'
import { homeCell, type SitePlace } from '../core/site/location.ts'
import type { EveryPort } from '../lambdas/_runtime/ports.ts'
import { billingFromStripe } from '../lambdas/billing/ask-billing.ts'
import { createOffers } from '../lambdas/offers/offers.ts'
import type { AbusePolicy } from '../lambdas/signup/abuse/abuse-policy.ts'
import type { CellCapacity } from '../lambdas/sites/cells/place-sites.ts'
import { brakeFromStore } from '../lambdas/trials/brake.ts'
import { paceFromStore } from '../lambdas/trials/pull-brake.ts'
import { createAdmission } from '../lambdas/trials/waiting-list/admit-trials.ts'
import type { HostCells } from './cells/host-cells.ts'
import type { Store } from './open-store.ts'
import type { Terms } from './routers/protocol.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'

/** How often the router stores which sites were used: a write on this machine costs almost nothing. */
const usageLatenessSeconds = 20

type Given = Pick<EveryPort, 'payments' | 'plans' | 'policies' | 'clocks' | 'log'>

/** The ports that decide by the store and the configuration: billing, brake, rate limit and admission. */
export const judgingPorts = (
  store: Pick<
    Store,
    'accounts' | 'checkouts' | 'brakes' | 'totals' | 'cellCounts' | 'rateWindows' | 'trialControls' | 'waitingList'
  >,
  { trials }: Pick<Config, 'trials'>,
  given: Given,
  capacities: readonly CellCapacity[] = [{ name: homeCell, sites: Number.MAX_SAFE_INTEGER }],
): Pick<EveryPort, 'billing' | 'brake' | 'pace' | 'ceilings' | 'admission' | 'capacities'> => {
  const ports = { ...store, ...given, capacities }
  return {
    capacities,
    billing: billingFromStripe(ports),
    brake: brakeFromStore(store.brakes),
    pace: paceFromStore(ports),
    ceilings: trials,
    admission: createAdmission({ ...ports, ceilings: trials, monotonic: () => performance.now() }),
  }
}

/** On one's own machine, offers may be at names of sites, such as `schools.localhost`: no site gets them. */
const slugsOf = (offers: Config['offers'], sitesDomain: string): readonly string[] =>
  offers
    .flatMap(({ hostnames }) => hostnames)
    .flatMap((hostname) => (hostname.endsWith(`.${sitesDomain}`) ? hostname.slice(0, -sitesDomain.length - 1) : []))

/** The functions' ports on one machine. */
export const hostPorts = <Own extends Given & Pick<EveryPort, 'runtime' | 'dns' | 'rootPublicKey'>>({
  config,
  settings,
  secrets,
  store,
  given,
  cells,
}: {
  readonly config: Config
  readonly settings: Settings
  readonly secrets: HostSecrets
  readonly store: Store
  /** Ports that the host also uses itself. */
  readonly given: Own
  readonly cells: Pick<HostCells, 'names' | 'capacities'>
}) => {
  const webhookSecrets = createWebhookSecrets(webhookKeyOf(secrets))
  return {
    ...store,
    ...given,
    ...judgingPorts(store, config, given, cells.capacities),
    // Large: few hosts are asked for it.
    describeApi: async () => (await import('../lambdas/http/openapi.ts')).openApiDocument(settings.consoleUrl),
    probe: createHealthProbe(),
    hooks: createSiteHooks({ locate: given.runtime.locate }),
    edge: createDirectEdge(given.dns),
    reach: createDomainReach({ rootPublicKey: async () => given.rootPublicKey }),
    tenants: directTenants,
    registrableDomains: createRegistrableDomains(),
    webhookSecrets,
    // Hosts on this machine, or beside it, only where the settings name them.
    webhookHosts: settings.webhookHosts,
    webhookSender: createWebhookSender({ secrets: webhookSecrets, allowedHosts: settings.webhookHosts }),
    secrets: createSiteSecrets(secrets),
    secretSealer: createSealedSecrets(secrets),
    secretOpener: createSealedSecrets(secrets),
    siteCheck: { isRunning: async (place: SitePlace) => (await given.runtime.locate(place)) !== undefined },
    // On one machine a site consists only of its processes and its data.
    leftovers: { list: async () => [], remove: async () => undefined },
    cells: cells.names,
    // One machine has no quotas.
    capacityUse: () => [],
    codeSecret: async () => secrets.codePepper,
    abuse: abusePolicyOfHost(config.abuse, settings),
    sleep: config.sleep,
    releases: config.releases,
    usageLatenessSeconds,
    auditPolicy: config.audit,
    leadPolicy: config.leads,
    reportPolicy: config.reports,
    freeMailDomains,
    disposableDomains: config.abuse.refuseDisposableMail ? knownDisposableDomains() : new Set<string>(),
    proofOfWork: createProofOfWork({ ...proofSecrets(secrets), ...config.abuse.proofOfWork }),
    brand: config.brand,
    contact: config.contact,
    dataLocation: config.dataLocation,
    offeredBlueprints: config.offeredBlueprints,
    offers: createOffers(config.offers, settings.consoleUrl, config.legal),
    reservedSlugs: reservedNames(
      [...config.reservedSlugs, ...slugsOf(config.offers, settings.sitesDomain)],
      [config.brand, ...config.offers.map(({ brand }) => brand.name)],
    ),
    consoleUrl: settings.consoleUrl,
    sitesDomain: settings.sitesDomain,
    siteUrl: settings.siteUrl,
    readTaskNews: async () => undefined,
    // The mailbox knows by itself.
    noteMailOutcome: async () => undefined,
    startsAtOnce: 2 * availableParallelism(),
    copiesAtOnce: workersAtOnce,
    pollMilliseconds: 20,
    // Images are pulled before a site starts.
    placementSeconds: 0,
    // The router learns of each change; only requests in flight are older.
    routerMemoryMilliseconds: 50,
    pause,
    monotonic: () => performance.now(),
    slowSince: new Map(),
  }
}

/** On a public host the limits also apply to loopback: it may be a proxy without a client address, or a compromised site. */
export const abusePolicyOfHost = (abuse: AbusePolicy, { isPublic }: Pick<Settings, 'isPublic'>): AbusePolicy => ({
  ...abuse,
  limitLoopback: abuse.limitLoopback || isPublic,
})

/** The terms by which this host's routers serve: no secret that makes sessions, codes or tokens. */
export const routerTerms = (
  config: Config,
  settings: Settings,
  { rootPublicKey, codePepper }: Pick<Terms, 'rootPublicKey'> & Pick<HostSecrets, 'codePepper'>,
): Terms => ({
  port: settings.port,
  listen: settings.listen,
  consoleUrl: settings.consoleUrl,
  brand: config.brand,
  isPublic: settings.isPublic,
  proxies: settings.proxies,
  clients: config.clients,
  plans: config.plans,
  trialPolicies: config.trialPolicies,
  offers: config.offers,
  rootPublicKey,
  visitorSecret: createHmac('sha256', codePepper).update('visitors').digest('hex'),
  usageSeconds: usageLatenessSeconds,
  crawlers: config.sleep.crawlers,
  monitors: config.sleep.monitors,
  limitLoopback: abusePolicyOfHost(config.abuse, settings).limitLoopback,
})
