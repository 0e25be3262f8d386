/** The key of a client whose address is unknown. It has no share. */
export const unknownClient = ''

/**
 * Returns the max-min fair share: the most that each client may have so that all together have this part of what they have
 * now. @param part from 0 to 1; at 1 the share is the largest amount.
 */
export const fairShare = (amounts: Iterable<number>, part: number): number => {
  const sorted = Float64Array.from(amounts).sort()
  let left = part * sorted.reduce((sum, amount) => sum + amount, 0)
  for (const [index, amount] of sorted.entries()) {
    const share = left / (sorted.length - index)
    if (amount >= share) return share
    left -= amount
  }
  return 0
}

interface Amounts {
  requests: number
  bytes: number
}

interface Wanted {
  readonly what: keyof Amounts | 'connections'
  readonly taken: number
  readonly limit: number
  readonly cost: number
}

const minute = 60_000

/**
 * What each client of one site has used in about the last minute. Only admitted requests are counted, so a site's plan bounds
 * the size. @param now milliseconds of a clock that never goes back.
 */
export const createClientUsage = (now: () => number) => {
  let began = 0
  let present = new Map<string, Amounts>()
  let before = new Map<string, Amounts>()
  const connections = new Map<string, number>()
  /** How to close each client's connections that can be closed for others, the oldest first. */
  const closable = new Map<string, Set<() => void>>()
  const shares = new Map<Wanted['what'], { readonly second: number; readonly taken: number; readonly share: number }>()

  const roll = (): void => {
    const elapsed = Math.floor((now() - began) / minute)
    if (elapsed === 0) return
    before = elapsed === 1 ? present : new Map()
    present = new Map()
    began += elapsed * minute
  }

  const amountsOf = (client: string): Amounts => {
    roll()
    const known = present.get(client) ?? { requests: 0, bytes: 0 }
    present.set(client, known)
    return known
  }

  /** The last minute is estimated: the minute before counts by the part that lies in it. */
  const used = (client: string, what: keyof Amounts): number => {
    const part = 1 - (now() - began) / minute
    return (present.get(client)?.[what] ?? 0) + part * (before.get(client)?.[what] ?? 0)
  }

  const amounts = (what: Wanted['what']): Iterable<number> => {
    if (what === 'connections') return connections.values()
    return Array.from(new Set([...present.keys(), ...before.keys()]), (client) => used(client, what))
  }

  /** Computed again each second, and when a hundredth more has been taken. */
  const shareOf = (what: Wanted['what'], taken: number, part: number): number => {
    const second = Math.floor(now() / 1000)
    const known = shares.get(what)
    if (known !== undefined && known.second === second && Math.abs(taken - known.taken) < known.taken / 100) {
      return known.share
    }
    const share = fairShare(amounts(what), part)
    shares.set(what, { second, taken, share })
    return share
  }

  const forget = (client: string, close: () => void): void => {
    const kept = closable.get(client)
    kept?.delete(close)
    if (kept?.size === 0) closable.delete(client)
  }

  const connectMore = (client: string, more: number): void => {
    const count = (connections.get(client) ?? 0) + more
    if (count <= 0) connections.delete(client)
    else connections.set(client, count)
  }

  const offer = (client: string, close: () => void): (() => void) => {
    closable.set(client, (closable.get(client) ?? new Set()).add(close))
    return () => forget(client, close)
  }

  const isWithinShare = (client: string, { what, taken, limit, cost }: Wanted): boolean => {
    roll()
    const own = what === 'connections' ? (connections.get(client) ?? 0) : used(client, what)
    return own + cost <= shareOf(what, taken, limit / taken)
  }

  /** The client that has most connections, more than a share, and one that can be closed. */
  const greediest = (share: number): string | undefined => {
    let found: string | undefined
    let max = share
    for (const client of closable.keys()) {
      const count = connections.get(client) ?? 0
      if (count <= max) continue
      max = count
      found = client
    }
    return found
  }

  return {
    connect: (client: string, close?: () => void): void => {
      amountsOf(client).requests += 1
      connectMore(client, 1)
      if (close !== undefined && client !== unknownClient) offer(client, close)
    },
    disconnect: (client: string, close?: () => void): void => {
      connectMore(client, -1)
      if (close !== undefined) forget(client, close)
    },
    carry: (client: string, bytes: number): void => {
      amountsOf(client).bytes += bytes
    },
    /** Counts what was admitted elsewhere. */
    note: (client: string, more: Amounts & { readonly connections: number }): void => {
      const amounts = amountsOf(client)
      amounts.requests += more.requests
      amounts.bytes += more.bytes
      connectMore(client, more.connections)
    },
    /** Remembers how to close a connection of a client. @returns a function that forgets it. */
    offer,
    /**
     * Whether a client stays within the fair share of a used-up limit if it gets so much more.
     * @param taken what all clients have, at least the limit.
     */
    isWithinShare,
    /**
     * Makes room for a client below its share of the connections: closes the oldest one of the client that has most of them.
     * @returns whether there is room.
     */
    makeRoom: (client: string, wanted: Omit<Wanted, 'what'>): boolean => {
      const { taken, limit } = wanted
      if (!isWithinShare(client, { ...wanted, what: 'connections' })) return false
      const greedy = greediest(shareOf('connections', taken, limit / taken))
      const [close] = closable.get(greedy ?? '') ?? []
      if (greedy === undefined || close === undefined) return false
      forget(greedy, close)
      close()
      return true
    },
  }
}
