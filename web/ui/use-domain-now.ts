import { useEffect, useState } from 'react'

const tickMilliseconds = 30_000

interface SessionQuery {
  readonly data?: { readonly now: string } | null | undefined
  readonly dataUpdatedAt: number
}

/** The domain clock, which one machine can advance, as far as the session's answer tells; RFC 3339. */
export const useDomainNow = ({ data, dataUpdatedAt }: SessionQuery): string => {
  const [here, setHere] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setHere(Date.now()), tickMilliseconds)
    return () => clearInterval(timer)
  }, [])
  const ahead = data ? Date.parse(data.now) - dataUpdatedAt : 0
  return new Date(ahead + Math.max(here, dataUpdatedAt)).toISOString()
}
