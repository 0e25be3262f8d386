import type { AnyFunction } from '../lambdas/_runtime/define-function.ts'
import type { EveryPort } from '../lambdas/_runtime/ports.ts'
import { runTriggers } from '../lambdas/_runtime/run-triggers.ts'
import { functions } from '../lambdas/manifest.ts'
import { portsFor } from './capabilities.ts'
import { coalesceCalls } from './coalesce-calls.ts'
import { lambdaContext } from './lambda-context.ts'

export interface LoadedFunction {
  readonly name: string
  readonly definition: AnyFunction
  /**
   * Calls the handler as Lambda would, with the manifest's time limit: a call that takes longer fails, though what it
   * began goes on. Where one runs at a time, waiting for one's turn counts.
   */
  readonly invoke: (event: unknown) => Promise<unknown>
}

/** What a function gets instead of its ports: a test sees, and fails, what passes through. */
export type WatchPorts = (ports: EveryPort, functionName: string) => EveryPort

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
    functions.map(async (definition) => {
      const { name, timeout, oneAtATime } = definition
      const handler = await runTriggers(definition, portsFor(definition.uses, watch(ports, name)))
      const call = (event: unknown): Promise<unknown> => handler(event, lambdaContext(name, timeout))
      // The limit ends the caller's wait and not the handler, so one at a time counts the handlers and not the waits.
      const inTurn = oneAtATime ? coalesceCalls(call) : call
      const invoke = (event: unknown): Promise<unknown> => withinSeconds(name, timeout, inTurn(event))
      return { name, definition, invoke }
    }),
  )
