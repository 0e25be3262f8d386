import type { Context } from 'aws-lambda'
import type { CommonPorts } from '../lambdas/_runtime/common-ports.ts'
import type { FunctionDefinition, LambdaHandler } from '../lambdas/_runtime/define-function.ts'
import type { Capability } from '../lambdas/_runtime/ports.ts'
import { runTriggers } from '../lambdas/_runtime/run-triggers.ts'
import { type CloudContext, createContext } from './context.ts'
import { waiting } from './parts/waiting.ts'
import { readEnvironment, variablesOf } from './variables.ts'

type Opened = readonly ((context: CloudContext) => object | Promise<object>)[]

type OpenOrigin = (context: CloudContext) => Promise<Pick<CommonPorts, 'originSecrets'>>

const commonPorts = (context: CloudContext): CommonPorts => ({
  ...context,
  ...waiting,
  paymentsAreLive: context.payments.mode === 'live',
  clockIsTurned: () => false,
  dormantAfterDays: context.sleep.dormantAfterDays,
  isStopping: () => false,
  // Routers come and go, and none of them can answer for the others.
  openRequests: { at: async () => undefined },
})

/**
 * The Lambda handler of a function. Its code is loaded at once; its ports are made on the first call and kept for the later
 * ones. A first call that fails leaves nothing behind: the next one tries again.
 * @param capabilities what opens each capability that the definition uses.
 * @throws {Error} on a call, naming each variable that is missing or wrong; never its value.
 */
export const deployedFunction = async <Uses extends Capability>(
  definition: FunctionDefinition<string, Uses>,
  capabilities: Opened,
  openOrigin: OpenOrigin = async () => ({}),
): Promise<LambdaHandler> => {
  // Loading takes part of a cold start's time that is not billed to a caller.
  await Promise.all(definition.triggers.map(({ run }) => run()))
  let made: Promise<LambdaHandler> | undefined

  const prepare = async (): Promise<LambdaHandler> => {
    const context = createContext(readEnvironment(variablesOf(definition)))
    const [origin, ...opened] = await Promise.all([openOrigin(context), ...capabilities.map((open) => open(context))])
    const ports = Object.assign({}, commonPorts(context), origin, ...opened)
    return runTriggers(definition, ports)
  }

  return async (event: unknown, context: Context) => {
    made ??= prepare()
    try {
      return await (await made)(event, context)
    } catch (error) {
      // Ports that were made stay; the failed ones are made again.
      await made.catch(() => {
        made = undefined
      })
      throw error
    }
  }
}
