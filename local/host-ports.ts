import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { createProofOfWork } from '../adapters/altcha/proof-of-work.ts'
import { proofSecrets } from '../adapters/derived-secrets/proof-secrets.ts'
import { createSiteSecrets } from '../adapters/derived-secrets/site-secrets.ts'
import { knownDisposableDomains } from '../adapters/disposable-mail/known-disposable-domains.ts'
import { createDirectEdge } from '../adapters/dns/direct-edge.ts'
import { createHealthProbe } from '../adapters/http/health-probe.ts'
import { createRegistrableDomains } from '../adapters/public-suffixes/registrable-domains.ts'
import type { Config } from '../core/config/config.ts'
import { abusePolicyOfHost } from './abuse-policy-of-host.ts'
import type { EveryPort } from './every-port.ts'
import type { LocalJobWaits } from './job-waits.ts'
import { judgingPorts } from './judging-ports.ts'
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
