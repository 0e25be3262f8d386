import { randomUUID } from 'node:crypto'
import type { Context } from 'aws-lambda'

const nobody = (): void => undefined

/** What Lambda hands to a handler besides the event. */
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
