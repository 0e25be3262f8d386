import type { Context } from 'aws-lambda'
import type { FunctionEntry } from '../lambdas/manifest/function-entry.ts'
import { functionEntries } from '../lambdas/manifest.ts'
import { coalesceCalls } from './coalesce-calls.ts'
import type { EveryPort } from './every-port.ts'
import { lambdaContext } from './lambda-context.ts'

type Handler = (event: unknown, context: Context) => Promise<unknown>
type Create = (ports: EveryPort) => Handler

export interface LoadedFunction {
  readonly name: string
  readonly entry: FunctionEntry
  /**
   * Calls the handler as Lambda would, with the manifest's time limit: a call that takes longer fails, though what it
   * began goes on. Where one runs at a time, waiting for one's turn counts.
   */
  readonly invoke: (event: unknown) => Promise<unknown>
}

/** What a function gets instead of its ports: a test sees, and fails, what passes through. */
export type WatchPorts = (ports: EveryPort, functionName: string) => EveryPort

const isCreate = (value: unknown): value is Create => typeof value === 'function'

const loadCreate = async (name: string, { entry }: FunctionEntry): Promise<Create> => {
  const loaded: unknown = await import(new URL(`../${entry}`, import.meta.url).href)
  const create = typeof loaded === 'object' && loaded !== null && 'create' in loaded ? loaded.create : undefined
  if (!isCreate(create)) throw new Error(`function ${name}: ${entry} exports no 'create'`)
  return create
}

const withinSeconds = async (name: string, seconds: number, work: Promise<unknown>): Promise<unknown> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`function ${name} took longer than ${seconds} s`)), seconds * 1000)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** Makes every function of the manifest, in this process, on these ports. */
export const loadFunctions = (
  ports: EveryPort,
  watch: WatchPorts = (unwatched) => unwatched,
): Promise<readonly LoadedFunction[]> =>
  Promise.all(
    functionEntries.map(async ([name, entry]) => {
      const handler = (await loadCreate(name, entry))(watch(ports, name))
      const call = (event: unknown): Promise<unknown> => handler(event, lambdaContext(name, entry.timeoutSeconds))
      // The limit ends the caller's wait and not the handler, so one at a time counts the handlers and not the waits.
      const inTurn = entry.oneAtATime ? coalesceCalls(call) : call
      const invoke = (event: unknown): Promise<unknown> => withinSeconds(name, entry.timeoutSeconds, inTurn(event))
      return { name, entry, invoke }
    }),
  )
