import type { CommonPorts } from '../lambdas/_runtime/common-ports.ts'
import type { Capability, EveryPort, PlatformPorts } from '../lambdas/_runtime/ports.ts'
import { tableAccess } from '../lambdas/manifest.ts'

type Names = { readonly [Name in keyof PlatformPorts]: readonly (keyof PlatformPorts[Name])[] }

/** The ports of each capability besides those on the tables. */
const platformNames: Names = {
  'archiver:run': ['archiver', 'siteCheck'],
  'archives:link': ['archiveLinks'],
  'archives:list': ['archives'],
  'archives:remove': ['archives'],
  'bus:publish': ['bus'],
  'domains:check': ['dns', 'edge', 'reach', 'registrableDomains'],
  'domains:serve': ['tenants'],
  'hooks:call': ['hooks'],
  'jobs:complete': ['jobWatch', 'taskTokens', 'siteOfArchiverTask'],
  'leftovers:remove': ['leftovers'],
  'mail:find': ['sentMails'],
  'mail:send': ['mailer'],
  'operators:sign-in': ['operatorSignIn'],
  'operators:verify': ['operatorTokens', 'operatorDirectory'],
  'people:erase': ['personalFiles'],
  'pace:take': ['pace'],
  'payments:call': ['payments', 'billing'],
  'payments:note': ['webhookSignatures'],
  'readings:read': ['meter'],
  'reports:write': ['reportFiles', 'rowFiles'],
  'reports:read': ['reportEngine'],
  'runtime:observe': ['runtime'],
  'runtime:probe': ['probe'],
  'runtime:read': ['runtime', 'readTaskNews'],
  'runtime:remove': ['runtime'],
  'runtime:run': ['runtime', 'rootPublicKey'],
  'runtime:start': ['runtime', 'rootPublicKey'],
  'runtime:stop': ['runtime'],
  'secrets:read': ['secrets'],
  'signup-mails:send': ['codeSecret'],
  'signups:write': ['codeSecret', 'disposableDomains', 'freeMailDomains', 'proofOfWork'],
  'storage:measure': ['meter'],
  'storage:prepare': ['storage'],
  'storage:remove': ['storage'],
  'trials:admit': ['admission'],
  'webhooks:manage': ['webhookSecrets', 'webhookHosts'],
  'webhooks:send': ['webhookSender'],
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
  releases: true,
  makeRoom: true,
  usageLatenessSeconds: true,
  dormantAfterDays: true,
  routerMemoryMilliseconds: true,
  monotonic: true,
  slowSince: true,
  originSecrets: true,
}

const namesOf: Readonly<Partial<Record<Capability, readonly string[]>>> = platformNames

/** The ports of a function: the common ones and those of its capabilities, as on AWS. */
export const portsFor = (uses: readonly Capability[], every: EveryPort): EveryPort => {
  const used: ReadonlySet<string> = new Set(
    uses.flatMap((name) => [...(namesOf[name] ?? []), ...Object.keys(tableAccess.get(name)?.ports ?? {})]),
  )
  const given = Object.entries(every).filter(([name]) => name in commonNames || used.has(name))
  // The compiler has checked that a function takes no port beyond its capabilities.
  return Object.assign({}, ...given.map(([name, port]) => ({ [name]: port })))
}
