import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { createOffers } from '../../lambdas/offers/offers.ts'
import { createConsoleRequests } from '../../local/gateway/console-requests.ts'
import { listening } from '../support/listening.ts'

/** A server of one listener on a free port of this machine. */
export const served = async (listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer(listener)
  const port = await listening(server)
  return {
    port: port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const teapot = async (_request: unknown, response: ServerResponse): Promise<void> => void response.writeHead(418).end()

/** A console with these parts, whose API answers 418 to everything, and that has nothing else. */
export const consoleWith = (parts: Partial<Parameters<typeof createConsoleRequests>[0]>) =>
  createConsoleRequests({
    api: teapot,
    staticFiles: () => false,
    mailbox: {
      send: async () => undefined,
      list: async () => [],
      erase: async () => true,
      close: async () => undefined,
    },
    onThisMachine: {},
    archiveDownload: teapot,
    registry: teapot,
    brands: { consoleUrl: 'http://localhost:4000', offers: createOffers([], 'http://localhost:4000') },
    localUsers: 'own',
    isPublic: false,
    ...parts,
  })
