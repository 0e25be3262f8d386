import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { pino } from 'pino'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createApiGateway } from '../../../local/gateway/api-gateway.ts'
import type { LoadedFunction } from '../../../local/loaded-function.ts'
import { sayPlayed } from '../say-played.ts'

export interface PlayedEdge {
  /** Where visitors come in: the distribution, which sends the API along what only it knows. */
  readonly distribution: { readonly port: number }
  /** The API behind it, asked past the distribution. */
  readonly origin: { readonly port: number }
  readonly close: () => Promise<void>
}

const listen = async (listener: RequestListener) => {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, close }
}

/** What CloudFront adds to a request: our secret, and where it saw the visitor. */
const throughDistribution =
  (originSecret: string) =>
  ({ invoke, ...loaded }: LoadedFunction): LoadedFunction => ({
    ...loaded,
    invoke: (event) => {
      const asked = event as APIGatewayProxyEventV2
      const added = { 'x-sitewright-origin': originSecret, 'cloudfront-viewer-address': '198.51.100.7:46532' }
      return invoke({ ...asked, headers: { ...asked.headers, ...added } })
    },
  })

/** Plays CloudFront and API Gateway before the functions that answer requests. */
export const playEdge = async (functions: readonly LoadedFunction[], originSecret: string): Promise<PlayedEdge> => {
  sayPlayed('CloudFront and API Gateway make events of requests; there is no TLS')
  const serve = (behind: readonly LoadedFunction[]) => {
    const gateway = createApiGateway(behind, { randomness: createRandomness(), log: pino({ level: 'silent' }) })
    return listen((request, response) => {
      gateway(request, response, new URL(request.url ?? '/', 'http://edge')).catch(() => response.destroy())
    })
  }
  const [distribution, origin] = await Promise.all([
    serve(functions.map(throughDistribution(originSecret))),
    serve(functions),
  ])
  return {
    distribution,
    origin,
    close: async () => {
      await Promise.all([distribution.close(), origin.close()])
    },
  }
}
