import type { Limits } from '../core/plan/plan.ts'
import type { Page } from './page.ts'
import type { Exhausted } from './site-traffic.ts'

const exhaustions: Readonly<Record<Exhausted['what'], Pick<Page, 'problem' | 'title' | 'detail'>>> = {
  requests: {
    problem: 'rate-limited',
    title: 'This site has too many requests',
    detail: 'It has had as many requests within a minute as its plan allows. It goes on by itself in a moment.',
  },
  bandwidth: {
    problem: 'bandwidth-limited',
    title: 'This site has too much traffic',
    detail: 'As much has been sent and received within a minute as its plan allows. It goes on by itself in a moment.',
  },
  connections: {
    problem: 'connections-limited',
    title: 'This site has too many visitors at once',
    detail: 'As many requests and open connections are under way as its plan allows. Try again in a moment.',
  },
}

export const exhaustedPage = ({ what, retryAfterSeconds }: Exhausted): Page => ({
  status: 429,
  ...exhaustions[what],
  retryAfterSeconds,
})

export const uploadTooLargePage = ({ uploadMiB }: Pick<Limits, 'uploadMiB'>): Page => ({
  status: 413,
  problem: 'payload-too-large',
  title: 'This is too large for the site',
  detail: `Its plan allows up to ${uploadMiB} MiB in one request.`,
})

export const storageFullPage: Page = {
  status: 507,
  problem: 'storage-full',
  title: 'The storage of this site is full',
  detail:
    'Nothing can be added to it. Reading and deleting still work: delete what is no longer needed, or let the owner choose a ' +
    'larger plan in the console. Once there is room again, and it has been measured, the site takes in new things by itself.',
}
