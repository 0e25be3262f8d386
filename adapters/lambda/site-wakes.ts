import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import type { SiteWakes } from '../../lambdas/sleep/ports.ts'
import { wakeAnswerSchema } from '../../lambdas/sleep/wake-on-request.ts'

/** Calls the function that wakes sites. @throws {Error} if the function failed. */
export const createSiteWakes = ({
  client,
  functionName,
}: {
  readonly client: Pick<LambdaClient, 'send'>
  readonly functionName: string
}): SiteWakes => ({
  wake: async (call) => {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(call)) }),
    )
    if (FunctionError !== undefined) throw new Error(`${functionName} failed: ${FunctionError}`)
    return wakeAnswerSchema.parse(JSON.parse(Buffer.from(Payload ?? []).toString()))
  },
})
