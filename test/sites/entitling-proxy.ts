import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Plays the router's part for a browser: adds the entitlement to whatever is asked. A browser's own setting for further headers
 * leaves out what outlives a page.
 */
export const startEntitlingProxy = async (
  target: string,
  entitled: () => Promise<Readonly<Record<string, string>>>,
): Promise<AsyncDisposable & { readonly url: string }> => {
  const server = createServer(async (incoming, answer) => {
    const { method, headers, url = '/' } = incoming
    const options = { method: method ?? 'GET', headers: { ...headers, ...(await entitled()) } }
    const forwarded = request(`${target}${url}`, options, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    forwarded.on('error', () => answer.destroy())
    incoming.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
