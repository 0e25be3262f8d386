import { createServer, request } from 'node:http'
import { listening } from '../support/listening.ts'

const slug = 'acme'

/**
 * Plays the router's part for a browser: adds the entitlement, and the purpose of the hostname. A browser's own setting for
 * further headers leaves out what outlives a page.
 * @param entitled gives the headers for a site with this content origin.
 */
export const startEntitlingProxy = async (
  target: string,
  entitled: (contentOrigin: string) => Promise<Readonly<Record<string, string>>>,
): Promise<AsyncDisposable & { readonly url: string; readonly contentUrl: string }> => {
  const server = createServer(async (incoming, answer) => {
    const { method, headers, url = '/' } = incoming
    const { host = '' } = headers
    // No bar for anybody.
    if (url === '/_sitewright/bar.js') return void answer.setHeader('content-type', 'text/javascript').end()
    const isContent = host.startsWith(`${slug}--content.`)
    const own = {
      ...(await entitled(contentUrl)),
      'x-forwarded-proto': 'http',
      'x-forwarded-host': host,
      ...(isContent ? { 'x-sitewright-purpose': 'content' } : {}),
    }
    const options = { method: method ?? 'GET', headers: { ...headers, ...own } }
    const forwarded = request(`${target}${url}`, options, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    forwarded.on('error', () => answer.destroy())
    incoming.pipe(forwarded)
  })
  const port = await listening(server)
  const contentUrl = `http://${slug}--content.localhost:${port}`
  return {
    url: `http://${slug}.localhost:${port}`,
    contentUrl,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
