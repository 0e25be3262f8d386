import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { ClientRequest } from 'node:http'

/** Node says so of every request that its HTTP client sends, repeated ones included; the SDK sends by no other way. */
const channel = 'http.client.request.start'

const operationOf = (message: unknown): string | undefined => {
  if (typeof message !== 'object' || message === null || !('request' in message)) return undefined
  if (!(message.request instanceof ClientRequest)) return undefined
  const target = message.request.getHeader('x-amz-target')
  return typeof target === 'string' ? target.replace(/^.*\./, '') : undefined
}

/** The DynamoDB operations that this process sends while `work` is under way, by name and in order. */
export const dynamodbCallsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  const calls: string[] = []
  const count = (message: unknown): void => {
    const operation = operationOf(message)
    if (operation !== undefined) calls.push(operation)
  }
  subscribe(channel, count)
  try {
    await work()
  } finally {
    unsubscribe(channel, count)
  }
  return calls
}
