import { type Answer, call } from '../../e2e/call.ts'
import { createSite, getSite, type SiteBody, signIn } from '../../e2e/visitor.ts'
import { waitFor } from '../../support/wait-for.ts'

export interface Owner {
  readonly bearer: { readonly authorization: string }
  readonly email: string
  readonly slug: string
  readonly siteId: string
}

interface Front {
  readonly port: number
}

/** Somebody signs up and waits until their site is theirs and answers. */
export const signUp = async (front: Front, slug: string): Promise<Owner> => {
  const email = `owner@${slug}.example`
  const { bearer } = await signIn(front, email)
  const created = await createSite(front, { bearer }, { slug })
  if (created.status >= 300) throw new Error(`the API answered ${created.status}: ${created.text}`)
  const owner = { bearer, email, slug, siteId: created.json.id }
  await statusIs(front, owner, 'active')
  await waitFor(async () => (await visit(front, owner)).status === 200)
  return owner
}

export const statusIs = (front: Front, owner: Owner, status: string): Promise<SiteBody> =>
  waitFor(async () => {
    const site = await getSite(front, owner, owner.siteId)
    return site.status === status && site
  })

/** Asks a site through the load balancer and the router. */
export const visit = <Body = Record<string, unknown>>(
  front: Front,
  { slug }: Pick<Owner, 'slug'>,
  path = '/',
  more: { readonly method?: string; readonly body?: object } = {},
): Promise<Answer<Body>> => call<Body>(front, { at: `${slug}.example.net`, path, ...more })

/** What visitors wrote into a site. */
export const entriesOf = async (front: Front, owner: Pick<Owner, 'slug'>): Promise<readonly string[] | undefined> => {
  const { status, json } = await visit<{ entries: readonly { text: string }[] }>(front, owner, '/api/entries')
  return status === 200 ? json.entries.map(({ text }) => text) : undefined
}

export const writeEntry = async (front: Front, owner: Pick<Owner, 'slug'>, text: string): Promise<void> => {
  const { status, text: answer } = await visit(front, owner, '/api/entries', { method: 'POST', body: { text } })
  if (status !== 201) throw new Error(`the site answered ${status}: ${answer}`)
}
