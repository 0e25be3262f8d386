/** What `Stripe-Signature` says: `t=<seconds>,v1=<hex>`, with one `v1` for each secret while one is rolled. */
export interface SignatureHeader {
  /** As it stands there: what is signed begins with these very characters. */
  readonly time: string
  /** Each a SHA-256 in 64 hexadecimal digits. Other schemes, such as the `v0` of test events, count for nothing. */
  readonly signatures: readonly string[]
}

/** Stripe sends two at most. */
const mostCharacters = 2048

/**
 * @returns undefined where it is no such header: without exactly one time, or without a signature.
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export const readSignatureHeader = (header: string | undefined): SignatureHeader | undefined => {
  if (header === undefined || header.length > mostCharacters) return undefined
  const parts = header.split(',').map((part) => part.trim())
  const valuesOf = (name: string): readonly string[] =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1))
  const [time, ...others] = valuesOf('t')
  const signatures = valuesOf('v1').filter((signature) => /^[0-9a-f]{64}$/.test(signature))
  if (time === undefined || others.length > 0 || !/^\d{1,12}$/.test(time) || signatures.length === 0) return undefined
  return { time, signatures }
}
