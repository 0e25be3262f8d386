import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createProofOfWork } from '../adapters/altcha/proof-of-work.ts'
import { createSiteSecrets, proofSecrets } from '../adapters/derived-secrets/derive-secret.ts'
import { knownDisposableDomains } from '../adapters/disposable-mail/known-disposable-domains.ts'
import { createDirectEdge, createRegistrableDomains, directTenants } from '../adapters/dns/resolver-dns.ts'
import { freeMailDomains } from '../adapters/free-mail/free-mail-domains.ts'
import { createHealthProbe } from '../adapters/http/health-probe.ts'
import { createSiteHooks } from '../adapters/http/site-hooks.ts'
import type { AbusePolicy } from '../core/abuse/abuse-policy.ts'
import { billingFromStripe } from '../core/billing/ask-billing.ts'
import { brakeFromStore, paceFromStore } from '../core/brake/change-brake.ts'
import type { CellCapacity } from '../core/cells/place-sites.ts'
import type { Config } from '../core/config/config.ts'
import { createOffers } from '../core/offer/offers.ts'
import { createAdmission } from '../core/waiting-list/admit-trials.ts'
import type { Capability, CommonPorts, EveryPort, PortsOf } from '../lambdas/_runtime/ports.ts'
import type { LocalJobWaits } from './job-waits.ts'
import type { Store } from './open-store.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import { openWebhooks } from './webhooks.ts'

/** The only cell of a one-machine host. */
const cell = 'local'
/** The machine itself is the limit: without free disk, its cell is closed. */
const capacitiesOf = (isDiskShort: () => boolean): readonly CellCapacity[] => [
  {
    name: cell,
    get sites() {
      return isDiskShort() ? 0 : Number.MAX_SAFE_INTEGER
    },
  },
]

/** How often the router stores which sites were used: a write on this machine costs almost nothing. */
export const usageLatenessSeconds = 20

/** Ports that the host also uses itself. */
type GivenPorts = Pick<
  EveryPort,
  | 'mailer'
  | 'sentMails'
  | 'personalFiles'
  | 'runtime'
  | 'storage'
  | 'meter'
  | 'archives'
  | 'archiver'
  | 'archiveLinks'
  | 'clocks'
  | 'payments'
  | 'paymentsAreLive'
  | 'webhookSignatures'
  | 'clockIsTurned'
  | 'pool'
  | 'plans'
  | 'policies'
  | 'randomness'
  | 'operatorTokens'
  | 'operatorDirectory'
  | 'operatorSignIn'
  | 'rootPublicKey'
  | 'log'
  | 'isStopping'
  | 'openRequests'
  | 'requireOwnParts'
  | 'dns'
  | 'makeRoom'
  | 'reportFiles'
  | 'rowFiles'
  | 'reportEngine'
>

type Given = Pick<EveryPort, 'payments' | 'plans' | 'policies' | 'clocks' | 'log'>

/** The ports that decide by the store and the configuration: billing, brake, rate limit and admission. */
export const judgingPorts = (
  store: Pick<Store, 'accounts' | 'brakes' | 'totals' | 'cellCounts' | 'rateWindows' | 'trialControls' | 'waitingList'>,
  { trials }: Pick<Config, 'trials'>,
  given: Given,
  isDiskShort: () => boolean = () => false,
): Pick<EveryPort, 'billing' | 'brake' | 'pace' | 'ceilings' | 'admission' | 'capacities'> => {
  const capacities = capacitiesOf(isDiskShort)
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
export const hostPorts = ({
  config,
  settings,
  secrets,
  store,
  given,
  isDiskShort,
}: {
  readonly config: Config
  readonly settings: Settings
  readonly secrets: HostSecrets
  readonly store: Store
  readonly given: GivenPorts
  /** Whether there is no space for new sites. */
  readonly isDiskShort: () => boolean
}): Omit<EveryPort, 'workflows' | 'bus' | keyof LocalJobWaits['ports']> => ({
  ...store,
  ...given,
  ...judgingPorts(store, config, given, isDiskShort),
  probe: createHealthProbe(),
  hooks: createSiteHooks({ locate: given.runtime.locate }),
  edge: createDirectEdge(given.dns),
  tenants: directTenants,
  registrableDomains: createRegistrableDomains(),
  ...openWebhooks(settings, secrets),
  secrets: createSiteSecrets(secrets),
  siteCheck: { isRunning: async (siteId) => (await given.runtime.locate(siteId)) !== undefined },
  // On one machine a site consists only of its processes and its data.
  leftovers: { list: async () => [], remove: async () => undefined },
  cells: [cell],
  // One machine has no quotas.
  capacityUse: () => [],
  codeSecret: secrets.codePepper,
  abuse: abusePolicyOfHost(config.abuse, settings),
  sleep: config.sleep,
  usageLatenessSeconds,
  auditPolicy: config.audit,
  leadPolicy: config.leads,
  reportPolicy: config.reports,
  freeMailDomains,
  disposableDomains: config.abuse.refuseDisposableMail ? knownDisposableDomains() : new Set(),
  proofOfWork: createProofOfWork({ ...proofSecrets(secrets), ...config.abuse.proofOfWork }),
  brand: config.brand,
  contact: config.contact,
  dataLocation: config.dataLocation,
  offeredBlueprints: config.offeredBlueprints,
  offers: createOffers(config.offers, settings.consoleUrl),
  reservedSlugs: [...config.reservedSlugs, ...slugsOf(config.offers, settings.sitesDomain)],
  consoleUrl: settings.consoleUrl,
  sitesDomain: settings.sitesDomain,
  siteUrl: settings.siteUrl,
  readTaskNews: async () => undefined,
  startsAtOnce: 2 * availableParallelism(),
  lookEveryMilliseconds: 20,
  // Images are pulled before a site starts.
  placementSeconds: 0,
  // The router learns of each change; only requests in flight are older.
  routerMemoryMilliseconds: 50,
  pause,
  monotonic: () => performance.now(),
})

type Names = { readonly [Name in Capability]: readonly (keyof PortsOf[Name])[] }

/** The ports of each capability: a function gets only those that it uses, as on AWS. */
const portNames: Names = {
  'accounts:follow': ['closureTasks', 'siteEraser', 'accounts', 'accountChanges'],
  'accounts:read': ['accounts'],
  'accounts:write': ['accountChanges', 'checkouts'],
  'archiver:run': ['archiver', 'siteCheck'],
  'archives:link': ['archiveLinks'],
  'archives:list': ['archives'],
  'archives:remove': ['archives'],
  'audit:append': ['auditLog'],
  'audit:read': ['auditLog'],
  'blueprints:read': ['blueprints'],
  'blueprints:write': ['blueprints'],
  'brake:read': ['brake'],
  'brake:write': ['brakes'],
  'bus:publish': ['bus'],
  'customers:redact': ['closureTasks'],
  'domains:check': ['dns', 'edge', 'registrableDomains'],
  'domains:read': ['domains'],
  'domains:serve': ['tenants'],
  'domains:write': ['domains'],
  'entrances:open': ['entrances'],
  'evidence:erase': ['evidence'],
  'evidence:keep': ['evidence'],
  'evidence:read': ['evidence'],
  'hooks:call': ['hooks'],
  'idle:check': ['idleChecks'],
  'jobs:complete': ['jobWaits', 'jobWatch', 'taskTokens', 'siteOfArchiverTask'],
  'jobs:note': ['jobWaits'],
  'leads:change': ['leads'],
  'leads:follow': ['leads'],
  'leads:list': ['leadLists'],
  'leads:read': ['leads'],
  'leftovers:remove': ['leftovers'],
  'mail:find': ['sentMails'],
  'mail:send': ['mailer'],
  'operator-sessions:use': ['operatorSessions'],
  'operators:sign-in': ['operatorSignIn', 'operatorSessions'],
  'operators:verify': ['operatorTokens', 'operatorSessions', 'operatorDirectory'],
  'people:erase': ['closureTasks', 'personEraser', 'personalFiles'],
  'pace:take': ['pace'],
  'payments:call': ['payments', 'billing'],
  'payments:note': ['paymentNotices', 'webhookSignatures'],
  'quarantine:write': ['quarantine'],
  'rate-windows:read': ['rateWindows'],
  'rate-windows:write': ['rateWindows'],
  'readings:read': ['meter'],
  'reconciliations:read': ['reconciliations'],
  'reconciliations:request': ['reconciliations'],
  'reconciliations:write': ['reconciliations'],
  'refusals:count': ['refusals'],
  'refusals:enter': ['refusals'],
  'reports:record': ['reportAccounts', 'reportRows'],
  'reports:write': ['changedRows', 'eventHistory', 'reportFiles', 'rowFiles'],
  'reports:read': ['reportEngine'],
  'rollouts:write': ['rollouts'],
  'runtime:observe': ['runtime'],
  'runtime:probe': ['probe'],
  'runtime:read': ['runtime', 'readTaskNews'],
  'runtime:remove': ['runtime'],
  'runtime:run': ['runtime', 'rootPublicKey'],
  'runtime:start': ['runtime', 'rootPublicKey'],
  'runtime:stop': ['runtime'],
  'secrets:read': ['secrets'],
  'sessions:read': ['sessions'],
  'sessions:write': ['sessions'],
  'signup-mails:send': ['signups', 'signupMails', 'codeSecret'],
  'signups:write': [
    ...(['signups', 'signupMails', 'idempotency', 'codeSecret'] as const),
    ...(['disposableDomains', 'freeMailDomains', 'proofOfWork'] as const),
  ],
  'sites:history': ['siteLists'],
  'sites:list': ['siteLists'],
  'sites:read': ['sites'],
  'sites:write': ['sites', 'idempotency'],
  'storage:measure': ['meter'],
  'storage:prepare': ['storage'],
  'storage:remove': ['storage'],
  'totals:cells': ['cellCounts'],
  'totals:place': ['cellCounts'],
  'totals:read': ['totals', 'cellCounts'],
  'totals:write': ['totals'],
  'trials:admit': ['admission'],
  'trials:read': ['trialControls'],
  'trials:write': ['trialControls'],
  'summary-links:read': ['summaryLinks'],
  'summary-links:write': ['summaryLinks'],
  'usage:read': ['usage'],
  'visits:count': ['reportRows'],
  'waiting-list:read': ['waitingList'],
  'waiting-list:write': ['waitingList'],
  'webhooks:manage': ['webhookEndpoints', 'webhookDeliveries', 'webhookLog', 'webhookSecrets', 'webhookHosts'],
  'webhooks:send': ['webhookEndpoints', 'webhookDeliveries', 'webhookLog', 'webhookSender'],
  'workflows:start': ['workflows'],
}

/** The ports of every function. */
const commonNames: { readonly [Name in keyof CommonPorts]-?: true } = {
  log: true,
  clocks: true,
  randomness: true,
  brand: true,
  contact: true,
  dataLocation: true,
  abuse: true,
  auditPolicy: true,
  leadPolicy: true,
  reportPolicy: true,
  offeredBlueprints: true,
  offers: true,
  imagesArePinned: true,
  requireOwnParts: true,
  reservedSlugs: true,
  pool: true,
  plans: true,
  ceilings: true,
  policies: true,
  capacities: true,
  capacityUse: true,
  cells: true,
  consoleUrl: true,
  sitesDomain: true,
  siteUrl: true,
  paymentsAreLive: true,
  clockIsTurned: true,
  isStopping: true,
  startsAtOnce: true,
  openRequests: true,
  pause: true,
  lookEveryMilliseconds: true,
  placementSeconds: true,
  jobStartMilliseconds: true,
  sleep: true,
  makeRoom: true,
  usageLatenessSeconds: true,
  routerMemoryMilliseconds: true,
  monotonic: true,
  originSecrets: true,
}

/** The ports of a function: the common ones and those of its capabilities. */
export const portsFor = (uses: readonly Capability[], every: EveryPort): EveryPort => {
  const used: ReadonlySet<string> = new Set(uses.flatMap((capability): readonly string[] => portNames[capability]))
  const given = Object.entries(every).filter(([name]) => name in commonNames || used.has(name))
  // The compiler has checked that a function takes no port beyond its capabilities.
  return Object.assign({}, ...given.map(([name, port]) => ({ [name]: port })))
}

/** On a public host the limits also apply to loopback: it may be a proxy without a client address, or a compromised site. */
export const abusePolicyOfHost = (abuse: AbusePolicy, { isPublic }: Pick<Settings, 'isPublic'>): AbusePolicy => ({
  ...abuse,
  limitLoopback: abuse.limitLoopback || isPublic,
})
