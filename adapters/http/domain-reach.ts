import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request as requestPlain, type ServerResponse } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { isIP } from 'node:net'
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import * as z from 'zod'
import type { HookAnswer } from '../../core/ports/hooks.ts'
import type { ReachProofs } from '../../core/ports/tokens.ts'
import { reachPath } from '../../lambdas/domains/custom-domain.ts'
import type { DomainReach } from '../../lambdas/domains/ports.ts'
import { reachProofType } from '../entitlement/day-keys.ts'
import { type Ask, isPublicAddress, postOnce } from './post-once.ts'

/** CDNs have two to four for each family. */
const maxAddresses = 8
const maxRedirects = 3

/** The statuses of a server that does not know the path. Challenges, rate limits and errors of CDNs have others. */
const otherServer: ReadonlySet<number> = new Set([200, 404, 410])

const rules = { algorithms: ['EdDSA'], issuer: 'sitewright' }
const certifiedSchema = z.object({ key: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() }) })

/** Whether a router of ours signed the text for this hostname and nonce. */
const isProof = async (
  text: string,
  { hostname, nonce, rootPublicKey }: Pick<Question, 'hostname' | 'nonce'> & { readonly rootPublicKey: string },
): Promise<boolean> => {
  const root = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: rootPublicKey }, 'EdDSA')
  try {
    const { cert } = decodeProtectedHeader(text)
    const { payload } = await jwtVerify(String(cert), root, { ...rules, typ: 'sitewright-key+jwt' })
    const key = await importJWK(certifiedSchema.parse(payload).key, 'EdDSA')
    const proof = await jwtVerify(text, key, { ...rules, typ: reachProofType, audience: hostname })
    return proof.payload['nonce'] === nonce
  } catch {
    // Another server may answer anything.
    return false
  }
}

type Seen = Awaited<ReturnType<DomainReach['ask']>>

interface Question extends Pick<RequestOptions, 'lookup'> {
  readonly hostname: string
  readonly nonce: string
  /** By a clock that never goes back. */
  readonly endsAt: number
}

/**
 * Asks over HTTP, and over HTTPS where a redirect of the same hostname leads there. Every connection goes to the address that
 * was checked.
 * @param options.rootPublicKey certifies what routers sign.
 * @param options.timeoutMilliseconds for each address, with its redirects.
 */
export const createDomainReach = (options: {
  readonly rootPublicKey: () => Promise<string>
  readonly mayReach?: (address: string) => boolean
  readonly asks?: { readonly 'http:': Ask; readonly 'https:': Ask }
  readonly timeoutMilliseconds?: number
}): DomainReach => {
  const { rootPublicKey, mayReach = isPublicAddress, timeoutMilliseconds = 5000 } = options
  const { asks = { 'http:': requestPlain, 'https:': request } } = options
  const judge = async (answer: HookAnswer, { hostname, nonce }: Question): Promise<Seen> => {
    if ('failure' in answer) return 'unknown'
    const { status, text } = answer
    if (status === 200 && (await isProof(text, { hostname, nonce, rootPublicKey: await rootPublicKey() }))) {
      return 'right'
    }
    return otherServer.has(status) ? 'wrong' : 'unknown'
  }

  const follow = async (url: URL, question: Question, redirects = 0): Promise<Seen> => {
    const { hostname, lookup, endsAt } = question
    let location: string | undefined
    const noting: Ask = (options, answered) =>
      asks[url.protocol === 'https:' ? 'https:' : 'http:'](options, (answer) => {
        if (Math.floor((answer.statusCode ?? 0) / 100) === 3) location = answer.headers.location
        answered(answer)
      })
    const path = `${url.pathname}${url.search}`
    const answer = await postOnce(noting, {
      method: 'GET',
      hostname,
      path,
      lookup,
      body: '',
      timeoutMilliseconds: Math.max(1, Math.ceil(endsAt - performance.now())),
    })
    if (location === undefined) return judge(answer, question)
    const next = URL.parse(location, url.href)
    const isHere = next?.host === hostname && ['http:', 'https:'].includes(next.protocol)
    return isHere && redirects < maxRedirects ? follow(next, question, redirects + 1) : 'wrong'
  }

  const askAt = (hostname: string, address: string): Promise<Seen> => {
    const nonce = randomBytes(32).toString('base64url')
    const lookup: RequestOptions['lookup'] = (_, { all }, give) =>
      all === true ? give(null, [{ address, family: isIP(address) }]) : give(null, address, isIP(address))
    return follow(new URL(`http://${hostname}${reachPath}${nonce}`), {
      hostname,
      nonce,
      lookup,
      endsAt: performance.now() + timeoutMilliseconds,
    })
  }

  return {
    ask: async (hostname, addresses) => {
      if (addresses.length === 0 || !addresses.every(mayReach)) return 'wrong'
      const seen = await Promise.all(addresses.slice(0, maxAddresses).map((address) => askAt(hostname, address)))
      if (seen.includes('wrong')) return 'wrong'
      return seen.includes('right') ? 'right' : 'unknown'
    },
  }
}

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
