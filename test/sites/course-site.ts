import { readdir } from 'node:fs/promises'
import { certificate, newKeyPair, type TokenParts, token, viewerToken } from './entitlement-tokens.ts'
import { startWelcome, temporaryDirectory, type WelcomeSite } from './welcome-process.ts'
import { type PackedFile, zipOf } from './zip-archive.ts'

export const growth = {
  plan: 'growth',
  features: ['entries', 'scorm'],
  limits: { uploadMiB: 512, storageMiB: 64 },
  facts: { trialEndsAt: null, unlocks: {}, origins: { content: 'http://acme--content.localhost' } },
}

export interface CourseBody {
  readonly id: string
  readonly title: string
  readonly version: string
  readonly progress: string
  readonly files: number
  readonly bytes: number
  readonly items: { readonly id: string; readonly title: string; readonly href: string }[]
}

type Asked = RequestInit & {
  claims?: TokenParts['claims']
  /** Parts of the viewer's token; null for a visitor who is not signed in. */
  viewer?: Partial<TokenParts> | null
}

/** A welcome site, asked as the router asks it for its owner on a plan that has courses unless told. */
export const openCourseSite = async () => {
  await using starting = new AsyncDisposableStack()
  const data = starting.use(await temporaryDirectory())
  const [root, day] = [await newKeyPair(), await newKeyPair()]
  const cert = await certificate({ root, day })
  const start = (): Promise<WelcomeSite> => startWelcome({ dataDirectory: data.path, rootKey: root.jwk.x ?? '' })
  let site = await start()
  starting.defer(async () => {
    await site.end('SIGKILL')
  })

  const entitled = async (claims: TokenParts['claims'] = growth, viewer: Asked['viewer'] = {}) => ({
    'x-sitewright-entitlement': await token({ signedBy: day, cert, claims, expiresIn: 600 }),
    ...(viewer && { 'x-sitewright-viewer': await viewerToken({ signedBy: day, cert, expiresIn: 600, ...viewer }) }),
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'acme.localhost',
  })
  const ask = async (path: string, { claims, viewer, ...init }: Asked = {}) =>
    fetch(`${site.url}${path}`, { ...init, headers: { ...(await entitled(claims, viewer)), ...init.headers } })
  /** As the router asks for a visitor of the content origin. */
  const askContent = (path: string, { headers, ...init }: Asked = {}) =>
    ask(path, { ...init, viewer: null, headers: { 'x-sitewright-purpose': 'content', ...headers } })
  /** The path of a new launch of a course, which the page of the course embeds. */
  const launch = async (id: string): Promise<string> => {
    const page = await (await ask(`/courses/${id}/`)).text()
    const [, path] = / src="http:\/\/acme--content\.localhost(\/launch\/[^"]+\/)"/.exec(page) ?? []
    if (path === undefined) throw new Error(`the page of the course embeds no player:\n${page}`)
    return path
  }
  const put = async (id: string, body: unknown, path?: string) =>
    askContent(`${path ?? (await launch(id))}state`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const send = (body: Uint8Array<ArrayBuffer>, init: { claims?: TokenParts['claims'] } = {}) =>
    ask('/api/courses', { method: 'POST', headers: { 'content-type': 'application/zip' }, body, ...init })
  const resources = starting.move()

  return {
    ask,
    askContent,
    launch,
    /** Commits through a launch; a new one by default. */
    put,
    entitled,
    send,
    url: () => site.url,
    port: () => site.port,
    upload: (files: readonly PackedFile[]) => send(new Uint8Array(zipOf(files))),
    list: async (): Promise<CourseBody[]> =>
      ((await (await ask('/api/courses')).json()) as { courses: CourseBody[] }).courses,
    /** Every path in the data directory; looked for again where a folder went away meanwhile. */
    paths: async () => {
      for (;;) {
        const found = await readdir(data.path, { recursive: true }).catch(() => undefined)
        if (found !== undefined) return found.toSorted()
      }
    },
    dataDirectory: data.path,
    kill: () => site.end('SIGKILL'),
    startAgain: async () => {
      site = await start()
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export type CourseSite = Awaited<ReturnType<typeof openCourseSite>>
