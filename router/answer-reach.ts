import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReachProofs } from '../core/ports/tokens.ts'
import { reachPath } from '../lambdas/domains/custom-domain.ts'

/** The question of a domain check; undefined for any other request. */
export const reachNonce = ({ method, url = '' }: IncomingMessage): string | undefined => {
  if (method !== 'GET' || !url.startsWith(reachPath)) return undefined
  return /^[\w-]{22,64}$/.exec(url.slice(reachPath.length))?.[0]
}

/** Proves to a domain check that its request has reached us, also for a hostname that no site has yet. */
export const answerReach = async (
  reachProofs: ReachProofs,
  response: ServerResponse,
  { hostname, nonce }: { readonly hostname: string; readonly nonce: string },
): Promise<void> => {
  const proof = await reachProofs.sign(hostname, nonce)
  response.writeHead(200, { 'Cache-Control': 'no-store', 'Content-Type': 'application/jwt' }).end(proof)
}
