import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createProofOfWork } from '../adapters/altcha/proof-of-work.ts'
import { createSiteSecrets, proofSecrets } from '../adapters/derived-secrets/derive-secret.ts'
import { knownDisposableDomains } from '../adapters/disposable-mail/known-disposable-domains.ts'
import { createDirectEdge, createRegistrableDomains, directTenants } from '../adapters/dns/resolver-dns.ts'
import { createHealthProbe } from '../adapters/http/health-probe.ts'
import { billingFromStripe } from '../core/billing/ask-billing.ts'
import { brakeFromStore, paceFromStore } from '../core/brake/change-brake.ts'
import type { Config } from '../core/config/config.ts'
import { createAdmission } from '../core/waiting-list/admit-trials.ts'
import type { Capability, CommonPorts, EveryPort, PortsOf } from '../lambdas/_runtime/ports.ts'
import { abusePolicyOfHost } from './abuse-policy-of-host.ts'
import type { LocalJobWaits } from './job-waits.ts'
import type { Store } from './open-store.ts'
import type { HostSecrets } from './secrets.ts'
import type { Settings } from './settings.ts'

/** The one place of a one-machine host; a site never knows it. */
const cell = 'local'

/** What has been opened or chosen before, because more than the functions needs it. */
type GivenPorts = Pick<
  EveryPort,
  | 'mailer'
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
  | 'rootPublicKey'
  | 'log'
  | 'isStopping'
  | 'openRequests'
  | 'dns'
>

type Given = Pick<EveryPort, 'payments' | 'plans' | 'policies' | 'clocks' | 'log'>

/** What judges whether something may be given away or taken away, made of the store and the configuration. */
export const judgingPorts = (
  store: Pick<Store, 'accounts' | 'brakes' | 'totals' | 'rateWindows' | 'trialControls' | 'waitingList'>,
  { trials }: Pick<Config, 'trials'>,
  given: Given,
): Pick<EveryPort, 'billing' | 'brake' | 'pace' | 'ceilings' | 'admission'> => {
  const ports = { ...store, ...given }
  return {
    billing: billingFromStripe(ports),
    brake: brakeFromStore(store.brakes),
    pace: paceFromStore(ports),
    ceilings: trials,
    admission: createAdmission({ ...ports, ceilings: trials, monotonic: () => performance.now() }),
  }
}

/** Every port that the functions need, on one machine. */
export const hostPorts = ({
  config,
  settings,
  secrets,
  store,
  given,
}: {
  readonly config: Config
  readonly settings: Settings
  readonly secrets: HostSecrets
  readonly store: Store
  readonly given: GivenPorts
}): Omit<EveryPort, 'workflows' | 'bus' | keyof LocalJobWaits['ports']> => ({
  ...store,
  ...given,
  ...judgingPorts(store, config, given),
  probe: createHealthProbe(),
  edge: createDirectEdge(given.dns),
  tenants: directTenants,
  registrableDomains: createRegistrableDomains(),
  secrets: createSiteSecrets(secrets),
  // This machine keeps nothing of a site but what runs and its data.
  leftovers: { list: async () => [], remove: async () => undefined },
  cell,
  cells: [cell],
  codeSecret: secrets.codePepper,
  abuse: abusePolicyOfHost(config.abuse, settings),
  disposableDomains: config.abuse.refuseDisposableMail ? knownDisposableDomains() : new Set(),
  proofOfWork: createProofOfWork({ ...proofSecrets(secrets), ...config.abuse.proofOfWork }),
  brand: config.brand,
  contact: config.contact,
  offeredBlueprints: config.offeredBlueprints,
  reservedSlugs: config.reservedSlugs,
  consoleUrl: settings.consoleUrl,
  sitesDomain: settings.sitesDomain,
  siteUrl: settings.siteUrl,
  // Nobody tells this machine of its sites but they themselves.
  readTaskNews: async () => undefined,
  startsAtOnce: 2 * availableParallelism(),
  lookEveryMilliseconds: 20,
  // Images are there before anything is launched.
  placementSeconds: 0,
  // Told of each change: what is left is a request that has just been let through.
  routerMemoryMilliseconds: 50,
  pause,
  monotonic: () => performance.now(),
})

type Names = { readonly [Name in Capability]: readonly (keyof PortsOf[Name])[] }

/** Which of this machine's ports come with a capability: a function gets those that it uses, as on AWS. */
const portNames: Names = {
  'accounts:read': ['accounts'],
  'accounts:write': ['accountChanges', 'checkouts'],
  'archiver:run': ['archiver'],
  'archives:link': ['archiveLinks'],
  'archives:list': ['archives'],
  'archives:remove': ['archives'],
  'blueprints:read': ['blueprints'],
  'brake:read': ['brake'],
  'brake:write': ['brakes'],
  'bus:publish': ['bus'],
  'domains:check': ['dns', 'edge', 'registrableDomains'],
  'domains:read': ['domains'],
  'domains:serve': ['tenants'],
  'domains:write': ['domains'],
  'jobs:complete': ['jobWaits', 'jobWatch', 'taskTokens', 'siteOfArchiverTask'],
  'jobs:note': ['jobWaits'],
  'leftovers:remove': ['leftovers'],
  'mail:send': ['mailer'],
  'operators:verify': ['operatorTokens'],
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
  'runtime:probe': ['probe'],
  'runtime:read': ['runtime', 'readTaskNews'],
  'runtime:remove': ['runtime'],
  'runtime:start': ['runtime', 'rootPublicKey'],
  'secrets:read': ['secrets'],
  'sessions:read': ['sessions'],
  'sessions:write': ['sessions'],
  'signups:write': ['signups', 'idempotency', 'codeSecret', 'disposableDomains', 'proofOfWork'],
  'sites:list': ['siteLists'],
  'sites:read': ['sites'],
  'sites:write': ['sites', 'idempotency'],
  'storage:measure': ['meter'],
  'storage:prepare': ['storage'],
  'storage:remove': ['storage'],
  'totals:read': ['totals'],
  'totals:write': ['totals'],
  'trials:admit': ['admission'],
  'trials:read': ['trialControls'],
  'trials:write': ['trialControls'],
  'waiting-list:read': ['waitingList'],
  'waiting-list:write': ['waitingList'],
  'workflows:start': ['workflows'],
}

const commonNames = [
  'log',
  'clocks',
  'randomness',
  'brand',
  'contact',
  'abuse',
  'offeredBlueprints',
  'reservedSlugs',
  'pool',
  'plans',
  'ceilings',
  'policies',
  'cell',
  'cells',
  'consoleUrl',
  'sitesDomain',
  'siteUrl',
  'paymentsAreLive',
  'clockIsTurned',
  'isStopping',
  'startsAtOnce',
  'openRequests',
  'pause',
  'lookEveryMilliseconds',
  'placementSeconds',
  'jobStartMilliseconds',
  'routerMemoryMilliseconds',
  'monotonic',
] as const satisfies readonly (keyof CommonPorts)[]

/** The ports of a function that uses these capabilities, out of all there are. */
export const portsFor = (uses: readonly Capability[], every: EveryPort): EveryPort => {
  const names = [...commonNames, ...uses.flatMap((capability): readonly (keyof EveryPort)[] => portNames[capability])]
  // The compiler has checked in the definition that a function takes no other port.
  return Object.assign({}, ...names.map((name) => ({ [name]: every[name] })))
}
