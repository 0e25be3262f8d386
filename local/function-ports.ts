import type { Capability, EveryPort, PlatformPorts } from '../lambdas/_runtime/ports.ts'
import { tableAccess } from '../lambdas/manifest.ts'

type Names = { readonly [Name in keyof PlatformPorts]: readonly (keyof PlatformPorts[Name])[] }

/** The ports of each capability besides those on the tables. */
const platformNames: Names = {
  'api:describe': ['describeApi'],
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
  'secrets:open': ['secretOpener'],
  'secrets:read': ['secrets'],
  'secrets:seal': ['secretSealer'],
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

const namesOf: Readonly<Record<string, readonly string[]>> = platformNames

const portsOf = (use: string): readonly string[] => [
  ...(namesOf[use] ?? []),
  ...Object.keys(tableAccess.get(use)?.ports ?? {}),
]

/** What is for functions with a capability, or for the host alone. */
const notForAll: ReadonlySet<string> = new Set([
  ...[...Object.keys(platformNames), ...tableAccess.keys()].flatMap((use) => portsOf(use)),
  ...['operatorAttempts', 'outbox', 'removeExpired', 'close'],
])

/** The ports of a function: those of its capabilities, as on AWS, and those that belong to none. */
export const portsFor = (uses: readonly Capability[], every: EveryPort): EveryPort => {
  const used: ReadonlySet<string> = new Set(uses.flatMap((use) => portsOf(use)))
  const given = Object.entries(every).filter(([name]) => used.has(name) || !notForAll.has(name))
  // The compiler has checked that a function takes no port beyond its capabilities.
  return Object.assign({}, ...given.map(([name, port]) => ({ [name]: port })))
}
