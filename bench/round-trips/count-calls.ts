import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { ClientRequest } from 'node:http'

/** Node says so of every request that its HTTP client sends, repeated ones included; the SDK sends by no other way. */
const channel = 'http.client.request.start'

/** Tells the calls of the work from those that the same process makes beside it, such as the look after the engine. */
const callsOfWork = new AsyncLocalStorage<string[]>()

const operationOf = (message: unknown): string | undefined => {
  if (typeof message !== 'object' || message === null || !('request' in message)) return undefined
  if (!(message.request instanceof ClientRequest)) return undefined
  const target = message.request.getHeader('x-amz-target')
  return typeof target === 'string' ? target.replace(/^.*\./, '') : undefined
}

const note = (message: unknown): void => {
  const operation = operationOf(message)
  if (operation !== undefined) callsOfWork.getStore()?.push(operation)
}

/** The DynamoDB operations that some work sends, by name and in order. */
export const dynamodbCallsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
  const calls: string[] = []
  subscribe(channel, note)
  try {
    await callsOfWork.run(calls, work)
  } finally {
    unsubscribe(channel, note)
  }
  return calls
}
