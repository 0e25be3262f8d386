import { type LiveSite, ownershipOf, type Site } from '../core/site/site.ts'
import { progressOf } from '../core/site/site-facts.ts'
import type { Page } from './page.ts'

const building = (site: Site): Page => {
  const name = ownershipOf(site)?.name
  return {
    status: 503,
    problem: 'site-building',
    title: name === undefined ? 'This site is being set up' : '{value} is being set up',
    ...(name === undefined ? {} : { value: name }),
    detail: 'It opens here automatically when it is ready.',
    retryAfterSeconds: 2,
    progress: progressOf(site),
  }
}

/** Shown until another site gets the hostname, which a failed build releases. */
const failed: Page = {
  status: 410,
  problem: 'site-failed',
  title: 'This site could not be set up',
  detail: 'The build failed. The owner can start a new one in the console.',
}

/** 503 and not 402: the visitor is not the one to pay, and a search engine should come back. */
const suspended: Page = {
  status: 503,
  problem: 'site-suspended',
  title: 'This site is suspended',
  detail: 'It does not run, and its data is kept. The owner can resume it in the console.',
}

/** An operator has suspended it, so its owner cannot resume or restore it. */
const withheld = (page: Page): Page => ({
  ...page,
  detail: 'It does not run. Only the operators of this service can resume it.',
})

const archived: Page = {
  status: 503,
  problem: 'site-archived',
  title: 'This site is archived',
  detail: 'It does not run, and a copy of its data is kept. The owner can restore it in the console.',
}

/** A 308 keeps method and body. No browser remembers it: the site may come back. */
const movedPage = (location: string): Page => ({
  status: 308,
  problem: 'site-moved',
  title: 'This site has moved',
  detail: 'It is at {value} now.',
  value: location,
  location,
})

/** Also for purged sites and those of the pool: a visitor learns nothing of them. */
const unknown: Page = {
  status: 404,
  problem: 'site-unknown',
  title: 'There is no site here',
  detail: 'No site has this address. Check the spelling.',
  linkText: 'Start your own site',
}

/** Its task has gone and the next one does not answer yet. */
export const restartingPage: Page = {
  status: 503,
  problem: 'site-restarting',
  title: 'This site is starting',
  detail: 'It will be back in a moment. No data is lost.',
  retryAfterSeconds: 2,
}

const paused = { status: 503, problem: 'site-paused', retryAfterSeconds: 5 } as const

/** By what a site stands still for, where that takes longer than a visitor is held. */
export const pausedPages = {
  copy: {
    ...paused,
    title: 'This site is being copied',
    detail: 'It pauses while its data is copied and will be back in a moment. No data is lost.',
  },
  size: {
    ...paused,
    title: 'The size of this site changes',
    detail: 'It pauses for a moment and will be back soon. No data is lost.',
  },
  upgrade: {
    ...paused,
    title: 'This site is being updated',
    detail: 'It gets a new version and will be back soon. No data is lost.',
  },
} as const satisfies Readonly<Record<string, Page>>

export const unreachablePage: Page = {
  status: 502,
  problem: 'site-unreachable',
  title: 'This site is not reachable',
  detail: 'The site did not answer. It restarts automatically: try again in a moment.',
}

/** Strangers at a closed gate. */
export const gatePages = {
  'not-open': {
    status: 403,
    problem: 'site-not-open',
    title: 'This site is not open yet',
    detail: 'It opens once it has been handed over to its owner. The owner can open it from the console.',
  },
  private: {
    status: 403,
    problem: 'site-private',
    title: 'This site is private',
    detail: 'Only its owner can use it. The owner opens it from the console.',
  },
} as const satisfies Readonly<Record<string, Page>>

/** Also for an entrance that never was: a stranger learns nothing. */
export const usedEntrancePage: Page = {
  status: 410,
  problem: 'entrance-used',
  title: 'This link was used or has expired',
  detail: 'It works once, within a minute. Open the site from the console again.',
}

/** The router's own failure: it could not find out about the site. */
export const unavailablePage: Page = {
  status: 503,
  problem: 'unavailable',
  title: 'Something is wrong on our side',
  detail: 'We cannot reach the site right now. Try again in a few seconds.',
  retryAfterSeconds: 5,
}

const refusals = { 400: 'invalid-request', 405: 'method-not-allowed', 408: 'request-timeout' } as const

export const refusedPage = (status: keyof typeof refusals, reason: string): Page => ({
  status,
  problem: refusals[status],
  title: 'This request is not valid',
  detail: reason,
})

/** The page in place of a site that neither runs nor is woken by a visitor. */
export const pageFor = (site: Exclude<Site, LiveSite> | undefined): Page => {
  switch (site?.status) {
    case 'building':
      return building(site)
    case 'failed':
      return failed
    case 'suspended':
    case 'archived': {
      // While it is restored, its visitors may come from there.
      if (site.movedTo !== undefined && site.operation?.kind !== 'restore') return movedPage(site.movedTo)
      const page = site.status === 'suspended' ? suspended : archived
      return site.suspendedBecause === 'operator' ? withheld(page) : page
    }
    case 'ready':
    case 'purged':
    case undefined:
      return unknown
  }
}

export const diskAwayPage: Page = {
  status: 503,
  problem: 'disk-away',
  title: 'This site is not available at the moment',
  detail:
    'The disk with its data is not connected to its host. The site runs again as soon as it is. Its operators know.',
  retryAfterSeconds: 60,
}
