import type { IncomingMessage } from 'node:http'

const localHosts = ['localhost', '127.0.0.1', '[::1]']

const loopbackPeers = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

const forwardingHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Another port of this machine is another origin: some other program's page. */
const isOwnOrigin = (request: IncomingMessage): boolean => {
  const { origin, host } = request.headers
  const fetchSite = request.headers['sec-fetch-site']
  if (fetchSite !== undefined && !['none', 'same-origin'].includes(String(fetchSite))) return false
  return origin === undefined || origin === `http://${host}`
}

/**
 * Whether a request comes from this very machine, asked for this machine, through nobody and from no foreign page. Only
 * then may it read what is there for the person at this machine.
 */
export const isFromThisMachine = (request: IncomingMessage, hostname: string): boolean =>
  loopbackPeers.includes(request.socket.remoteAddress ?? '') &&
  localHosts.includes(hostname) &&
  forwardingHeaders.every((header) => request.headers[header] === undefined) &&
  isOwnOrigin(request)
