import * as z from 'zod'
import { idSchema } from '../ids.ts'

export const viewerHeader = 'x-sitewright-viewer'

export const viewerSeconds = 60

/** The cookie ends with the browser's session, and its content after this time. */
export const viewerCookieHours = 12

export const supportMinutes = { usual: 15, max: 60 } as const

/** How long a visit takes of everybody in the account but its holder: what they may do can end meanwhile. */
export const memberMinutes = 60

/** The end of a visit, by the wall clock. */
const until = z.iso.datetime({ precision: 3 })

const person = { personId: idSchema('prsn'), email: z.string(), name: z.string().optional() }

/** The holder's visits have no end of their own. */
const ownerShape = { role: z.literal('owner'), ...person, until: until.optional() }

/** A developer or viewer of the account: the site decides what they may do in it, and never takes them for its owner. */
const memberShape = { role: z.literal('member'), ...person, until }

/** An operator, by id alone: never as the owner. */
const supportShape = { role: z.literal('support'), operatorId: z.string(), until }

export const viewerSchema = z.discriminatedUnion('role', [
  z.object(ownerShape),
  z.object(memberShape),
  z.object(supportShape),
])
export type Viewer = z.infer<typeof viewerSchema>

export const storedViewerSchema = z.discriminatedUnion('role', [
  z.strictObject(ownerShape),
  z.strictObject(memberShape),
  z.strictObject(supportShape),
])

/** Identifies a viewer, for limits per client. */
export const viewerId = (viewer: Viewer): string => (viewer.role === 'support' ? viewer.operatorId : viewer.personId)

const plainName = 'sitewright_viewer'
const hostName = `__Host-${plainName}`

/** The only trusted name: browsers accept one with this prefix only over TLS, and bind it to one host. */
export const viewerCookieName = (protocol: 'http' | 'https'): string => (protocol === 'https' ? hostName : plainName)

/** Has no Max-Age, so that browsers forget it when they are closed. */
export const viewerCookie = (protocol: 'http' | 'https', value: string): string =>
  `${viewerCookieName(protocol)}=${value}; Path=/; HttpOnly; SameSite=Lax${protocol === 'https' ? '; Secure' : ''}`
