/**
 * What is known of a name: its values, none of them where the name or the type certainly does not exist. Undefined where
 * nobody could say, as when servers fail or are slow: never to be taken for a record that is gone.
 */
export type DnsAnswer = readonly string[] | undefined

/** Looks names up. Nothing here throws for what a server answers, or does not. */
export interface Dns {
  /** The texts of a name, the parts of each put together. */
  readonly txt: (name: string) => Promise<DnsAnswer>
  /** The name that a name is an alias of: one hop, lower case, without a trailing dot. */
  readonly cname: (name: string) => Promise<DnsAnswer>
  /** IPv4 and IPv6 addresses, whatever aliases are on the way. */
  readonly addresses: (name: string) => Promise<DnsAnswer>
}
