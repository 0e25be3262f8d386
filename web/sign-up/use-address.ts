import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { alternatives } from './suggestions.ts'

const check = (slug: string, signal: AbortSignal) =>
  bodyOf(api.GET('/v1/hostnames/{slug}', { params: { path: { slug } }, signal }))

type Check = Awaited<ReturnType<typeof check>>
export type SlugProblem = NonNullable<Check['problem']>

const checkWithOthers = async (slug: string, signal: AbortSignal) => {
  const checked = await check(slug, signal)
  if (checked.problem !== 'taken' && checked.problem !== 'reserved') return { checked, free: [] }
  const others = await Promise.all(alternatives(slug).map((other) => check(other, signal)))
  return { checked, free: others.filter(({ available }) => available).map(({ slug: other }) => other) }
}

/** A value after it has not changed for a moment. */
const useSettled = (value: string, milliseconds: number): string => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

/**
 * Checks an address while somebody types. The check is a hint only; creating the site checks again.
 * @param isSuggested the page chose the address, so it may choose a free one instead.
 */
export const useAddress = (slug: string, isSuggested: boolean) => {
  const settled = useSettled(slug, 250)
  const { data, isFetching } = useQuery({
    queryKey: ['address', settled],
    queryFn: ({ signal }) => checkWithOthers(settled, signal),
    enabled: settled !== '',
    retry: false,
    staleTime: 5000,
  })
  const current = settled === slug && slug !== '' ? data : undefined
  const [alternative] = current?.free ?? []
  const suggested = isSuggested && current?.checked.available === false ? alternative : undefined
  return {
    isChecking: slug !== '' && (settled !== slug || isFetching),
    isFree: current?.checked.available === true || suggested !== undefined,
    hostname: current?.checked.hostname.replace(slug, suggested ?? slug) ?? '',
    problem: suggested === undefined ? current?.checked.problem : undefined,
    alternatives: current?.free ?? [],
    /** A free address instead of a suggested one that is taken. */
    suggested,
  }
}
