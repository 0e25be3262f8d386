/** The fields of one connection by RFC 9110 §7.6.1 and its predecessors, and trailers, which are not passed on. */
const alwaysHopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Fields that say where a message ends, whom it is for, and who sent it: naming them in Connection does not remove them. */
const neverHopByHop =
  /^(?:host|content-length|cookie|authorization|origin|forwarded|via|x-real-ip|x-forwarded-.*|sec-fetch-.*)$/

/**
 * Tells which fields of a message end at this connection, also those that its Connection fields name.
 * @param raw names and values in turn, as they came. @returns a test for a lower-case field name.
 */
export const hopByHopOf = (raw: readonly string[]): ((name: string) => boolean) => {
  const named = connectionOptions(raw)
  if (named.size === 0) return (name) => alwaysHopByHop.has(name)
  return (name) => alwaysHopByHop.has(name) || (named.has(name) && !neverHopByHop.test(name))
}

const noOptions: ReadonlySet<string> = new Set()

const isConnection = (name = ''): boolean => name.length === 'connection'.length && name.toLowerCase() === 'connection'

const connectionOptions = (raw: readonly string[]): ReadonlySet<string> => {
  let options: Set<string> | undefined
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (!isConnection(raw[index])) continue
    options ??= new Set()
    for (const option of (raw[index + 1] ?? '').split(',')) options.add(option.trim().toLowerCase())
  }
  // The two that nearly every message has name no field.
  options?.delete('keep-alive')
  options?.delete('close')
  return options ?? noOptions
}
