import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { ApiError } from '../api/client.ts'
import type { PageSettings } from '../settings.ts'
import { type Texts, useTexts } from '../texts/texts.ts'

/** An error that a text of the page explains. */
export class PageError extends Error {
  override readonly name = 'PageError'
  /** The key of that text. */
  readonly key: string
  readonly retryAfterSeconds: number | undefined

  constructor(key: string, message: string, retryAfterSeconds?: number) {
    super(message)
    this.key = key
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Says what went wrong and what to do, in the page's language. */
const sayProblem = (texts: Texts<string>, error: unknown, brand: string): string => {
  const sayWait = (seconds = 60): string => texts.format.duration(seconds)
  if (error instanceof PageError) return texts.t(error.key, { wait: sayWait(error.retryAfterSeconds) })
  if (!(error instanceof ApiError)) return texts.t('problem.other', { status: String(error) })
  const wait = sayWait(error.problem.retryAfterSeconds)
  const { status } = error
  return texts.find(`problem.${error.kind}`, { wait, brand, status }) ?? texts.t('problem.other', { status })
}

const SettingsContext = createContext<PageSettings | undefined>(undefined)
export const SettingsProvider = SettingsContext.Provider

/** The settings and texts of the page around; name the keys of its texts. */
export const usePageOf = <Key extends string>() => {
  const settings = useContext(SettingsContext)
  if (settings === undefined) throw new Error('the page has no settings')
  const every: Texts<string> = useTexts()
  return { ...useTexts<Key>(), settings, sayProblem: (error: unknown) => sayProblem(every, error, settings.brand) }
}

/** On the way back, browsers restore the scroll position before they fire `hashchange`, so the view follows `popstate` as well. */
const subscribe = (changed: () => void) => {
  const stop = new AbortController()
  for (const event of ['popstate', 'hashchange']) addEventListener(event, changed, { signal: stop.signal })
  return () => stop.abort()
}

/** The address's fragment, which is the page's route. It is empty on the server. */
export const useHash = (): string =>
  useSyncExternalStore(
    subscribe,
    () => location.hash,
    () => '',
  )

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

/** Names what the page shows in the title of the browser's tab, before the brand; no name leaves the title as it is. */
export const useTitle = (...names: readonly (string | undefined)[]): void => {
  const { settings } = usePageOf()
  const title = names.filter((name) => name !== undefined).join(' · ')
  useEffect(() => {
    const before = document.title
    if (title !== '') document.title = `${title} · ${settings.brand}`
    return () => {
      document.title = before
    }
  }, [title, settings])
}
