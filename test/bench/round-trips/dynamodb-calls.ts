import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { ClientRequest } from 'node:http'

/** Node reports every request of its HTTP client, retries included; the SDK uses no other way. */
const channel = 'http.client.request.start'

/** Separates the calls of a claim from background calls of the process, such as health checks of the engine. */
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

/** The names of the calls, retries included. */
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
