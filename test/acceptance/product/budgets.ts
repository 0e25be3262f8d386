import * as z from 'zod'
import { httpCall } from '../../support/http-call.ts'
import { asker } from '../api.ts'

const ask = asker(httpCall)
const billsSchema = z.array(z.looseObject({ what: z.string(), amount: z.number(), bill_type: z.string().optional() }))

const project = {
  name: 'trip',
  password: 'for this project',
  contact_email: 'ada@example.com',
  default_currency: 'XXX',
}

/** I Hate Money, as its visitors use it. */
export const budgetsAt = (siteUrl: string) => {
  const at = (path: string): string => new URL(path, siteUrl).href
  const authorization = `Basic ${Buffer.from(`${project.name}:${project.password}`).toString('base64')}`
  /** Fills a form in as a browser does. @returns the status, and the cookie that is then sent back. */
  const submit = async (path: string, fields: Readonly<Record<string, string>>, before = '') => {
    const shown = await httpCall({ url: at(path), headers: { cookie: before } })
    const cookie = shown.cookie ?? before
    const csrf_token = /name="csrf_token"[^>]*value="([^"]+)"/.exec(shown.text)?.[1] ?? ''
    const content = new URLSearchParams({ ...fields, csrf_token }).toString()
    const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await httpCall({ method: 'POST', url: at(path), headers, content })
    return { status: answer.status, cookie: answer.cookie ?? cookie }
  }
  const post = async (path: string, body: object): Promise<void> => {
    const call = {
      method: 'POST',
      url: at(`/api/projects/${project.name}/${path}`),
      headers: { authorization },
    } as const
    await ask({ ...call, body }, [201], z.unknown())
  }
  return {
    /** The status of a page. */
    see: async (path: string, cookie = '') => (await httpCall({ url: at(path), headers: { cookie } })).status,
    /** @returns the cookie of the administrator; undefined if the password is wrong. */
    signIn: async (password: string) => {
      const { status, cookie } = await submit('/admin', { admin_password: password })
      return status === 302 ? cookie : undefined
    },
    /** @param cookie of the administrator. @throws {Error} for anybody else. */
    createProject: async (cookie: string) => {
      const { status } = await submit('/create', project, cookie)
      if (status !== 302) throw new Error(`The new project was answered with ${status}.`)
      await post('members', { name: 'Ada' })
    },
    write: (what: string) => post('bills', { date: '2026-01-31', what, payer: 1, payed_for: [1], amount: 12.5 }),
    bills: async () => {
      const url = at(`/api/projects/${project.name}/bills`)
      const { body } = await ask({ url, headers: { authorization } }, [200], billsSchema)
      return body.map(({ what, amount, bill_type }) => ({ what, amount, bill_type }))
    },
  }
}
