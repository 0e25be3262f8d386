import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets whoever is still sending when the answer has been sent finish first, for a moment: a reset could overtake the answer.
 * Whoever goes on longer is cut off, as nobody reads what they send.
 */
export const limitDraining = (
  request: IncomingMessage,
  response: ServerResponse,
  patienceMilliseconds = 5000,
): void => {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return
  response.once('finish', () => {
    if (request.complete || request.destroyed) return
    const timer = setTimeout(() => request.destroy(), patienceMilliseconds)
    request.once('close', () => clearTimeout(timer))
  })
}
