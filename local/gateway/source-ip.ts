import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

const loopback = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

/**
 * The address of whoever made a request. Only a proxy of ours is believed about it: this machine, or one of `proxies`. It
 * appends the address that it sees to `X-Forwarded-For`, so what stands before may be made up.
 */
export const sourceIpOf = (request: IncomingMessage, proxies: readonly string[] = []): string => {
  const peer = request.socket.remoteAddress ?? ''
  if (!loopback.includes(peer) && !proxies.includes(peer.replace(/^::ffff:(?=\d+\.)/, ''))) return peer
  const last = request.headersDistinct['x-forwarded-for']?.join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? peer : last
}
