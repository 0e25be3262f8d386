import { createServer, type RequestListener } from 'node:http'

/** A server of one listener on a free port of this machine. */
export const served = async (listener: RequestListener): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
