import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'
import type { AnyFunction } from '../lambdas/_runtime/define-function.ts'
import type { Capability, EveryPort, PlatformPorts } from '../lambdas/_runtime/ports.ts'
import { tableAccess } from '../lambdas/manifest.ts'

export interface LoadedFunction {
  readonly name: string
  readonly definition: AnyFunction
  /** Calls the handler as Lambda would. After the timeout, which includes waiting for earlier calls, it fails but keeps running. */
  readonly invoke: (event: unknown) => Promise<unknown>
}

/** Wraps a function's ports, for tests. */
export type WatchPorts = (ports: EveryPort, functionName: string) => EveryPort

type Names = { readonly [Name in keyof PlatformPorts]: readonly (keyof PlatformPorts[Name])[] }

/** The ports of each capability besides those on the tables. */
const platformNames: Names = {
  'api:describe': ['describeApi'],
  'archiver:run': ['archiver', 'siteCheck'],
  'archives:link': ['archiveLinks'],
  'archives:list': ['archives'],
  'archives:remove': ['archives'],
  'archives:upload': ['archiveUploads'],
  'bus:publish': ['bus'],
  'domains:check': ['dns', 'edge', 'reach', 'registrableDomains'],
  'domains:serve': ['tenants'],
  'hooks:call': ['hooks'],
  'images:require': ['images'],
  'jobs:complete': ['jobWatch', 'taskTokens', 'siteOfArchiverTask'],
  'leftovers:remove': ['leftovers'],
  'mail:find': ['sentMails'],
  'mail:send': ['mailer', 'noteMailOutcome'],
  'accounts:open': ['freeMailDomains'],
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
  'software:own': ['ownSoftware'],
  'software:remove': ['ownSoftware'],
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

const nobody = (): void => undefined

/** The context that Lambda passes to a handler. */
export const lambdaContext = (functionName: string, timeoutSeconds: number): Context => {
  const deadline = performance.now() + timeoutSeconds * 1000
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
    done: nobody,
    fail: nobody,
    succeed: nobody,
  }
}

type Call = (event: unknown) => Promise<unknown>

/**
 * Runs one call at a time. Calls meanwhile share the next one, which sees everything written before it starts.
 * @param invoke its promise must settle only when its work has ended.
 */
export const coalesceCalls = (invoke: Call): Call => {
  let running: Promise<unknown> | undefined
  let next: Promise<unknown> | undefined
  const run: Call = (event) => {
    running = invoke(event).finally(() => {
      running = undefined
    })
    return running
  }
  return (event) => {
    if (next !== undefined) return next
    if (running === undefined) return run(event)
    // The caller of the running call gets its failure.
    next = running
      .catch(() => undefined)
      .then(() => {
        next = undefined
        return run(event)
      })
    return next
  }
}
