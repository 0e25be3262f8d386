import * as z from 'zod'
import { idSchema } from '../ids.ts'

/** The request header with the signed viewer. */
export const viewerHeader = 'x-sitewright-viewer'

export const viewerSeconds = 60

/** The cookie ends with the browser's session, and its content after this time. */
export const viewerCookieHours = 12

/** A signed-in person of a site. */
export const viewerSchema = z.object({
  role: z.literal('owner'),
  personId: idSchema('prsn'),
  email: z.string(),
  name: z.string().optional(),
})
export type Viewer = z.infer<typeof viewerSchema>

const plainName = 'sitewright_viewer'
const hostName = `__Host-${plainName}`

/** The only trusted name: browsers accept one with this prefix only over TLS, and bind it to one host. */
export const viewerCookieName = (protocol: 'http' | 'https'): string => (protocol === 'https' ? hostName : plainName)

/** Has no Max-Age, so that browsers forget it when they are closed. */
export const viewerCookie = (protocol: 'http' | 'https', value: string): string =>
  `${viewerCookieName(protocol)}=${value}; Path=/; HttpOnly; SameSite=Lax${protocol === 'https' ? '; Secure' : ''}`
