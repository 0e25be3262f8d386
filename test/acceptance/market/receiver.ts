import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import * as z from 'zod'

const bodySchema = z.looseObject({ type: z.string() })

export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** The types of the webhooks whose signature holds, each id once. */
  readonly verified: () => readonly string[]
  readonly refused: () => number
  /** Takes only webhooks that are signed with this secret. */
  readonly trust: (secret: string) => void
}

/** Starts a CRM that takes webhooks on this machine and verifies them with the library of the specification. */
export const openReceiver = async (): Promise<Receiver> => {
  const types = new Map<string, string>()
  let webhook: Webhook | undefined
  let refused = 0
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    try {
      if (webhook === undefined) throw new Error('No secret is known yet.')
      const { type } = bodySchema.parse(
        webhook.verify(
          body,
          Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        ),
      )
      types.set(String(request.headers['webhook-id']), type)
      response.writeHead(204).end()
    } catch {
      refused += 1
      response.writeHead(400).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return {
    url: `http://localhost:${address.port}/webhooks`,
    verified: () => [...types.values()],
    refused: () => refused,
    trust: (secret) => {
      webhook = new Webhook(secret)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
