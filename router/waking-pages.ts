import type { Page } from './page.ts'
import type { Automaton } from './recognise-visitor.ts'

export const notReceived = 'What you sent was not received: send it again in a moment.'

const whatFollows = (isRead: boolean, reloads: boolean): string => {
  if (reloads) return 'It opens here automatically when it is ready.'
  return isRead ? 'Try again in a moment.' : notReceived
}

/**
 * Its wake takes longer than a visitor is held.
 * @param options.isRead whether nothing was sent.
 * @param options.reloads whether the page may ask for the same URL again.
 */
export const wakingPage = (
  waking: NonNullable<Page['waking']>,
  { isRead, reloads }: { readonly isRead: boolean; readonly reloads: boolean },
): Page => ({
  status: 503,
  problem: 'site-waking',
  title: 'This site is starting',
  detail: `Nobody used it for a while, so it was stopped. ${whatFollows(isRead, reloads)}`,
  retryAfterSeconds: Math.max(2, (waking.expectedSeconds ?? 10) - waking.elapsedSeconds),
  ...(reloads ? { waking } : {}),
})

/** Routers answer here, on every site, the button that wakes it. */
export const wakePath = '/.well-known/sitewright/wake'

/** Where visitors start a site by a button. @param path what they wanted. */
const wakeButton = (path: string): NonNullable<Page['button']> => ({
  action: `${wakePath}?to=${encodeURIComponent(path)}`,
  label: 'Start site',
})

/** Sites are woken too often. @param path what the visitor asked for, if they may have it by a GET. */
export const wakesLimitedPage = (retryAfterSeconds: number, path: string | undefined): Page => ({
  status: 429,
  problem: 'wakes-limited',
  title: 'This site is asleep',
  detail:
    'Nobody used it for a while, so it was stopped. It does not start automatically at the moment, because sites were started too often.',
  retryAfterSeconds,
  ...(path === undefined ? {} : { button: wakeButton(path) }),
})

/** As many sites run as the machine has memory for, and all of them are in use. */
export const memoryShortPage: Page = {
  status: 503,
  problem: 'memory-short',
  title: 'This site cannot start at the moment',
  detail:
    'Nobody used it for a while, so it was stopped. The memory of its host is in use by other sites. Try again in a few minutes.',
  retryAfterSeconds: 60,
}

const asleep = { status: 503, problem: 'site-asleep', title: 'This site is asleep' } as const

/** Something else is done with the site first. */
export const notWokenPage: Page = {
  ...asleep,
  detail: 'It could not be started just now. Try again in a moment.',
  retryAfterSeconds: 5,
}

/** A search engine should come back. */
const asleepForCrawlers: Page = {
  ...asleep,
  detail: 'Nobody has used it for a while, so it was stopped. The next visitor starts it.',
  retryAfterSeconds: 3600,
}

/** Crawlers and monitors wake no site. A monitor learns only that it is asleep. */
export const asleepPages: Readonly<Record<Automaton, Page>> = {
  crawler: asleepForCrawlers,
  monitor: { ...asleepForCrawlers, status: 200, detail: 'The next visitor starts it.' },
}
