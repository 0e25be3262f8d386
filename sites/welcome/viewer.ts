import type { IncomingMessage } from 'node:http'
import type { JWTPayload } from 'jose'
import { Problem } from './problem.ts'
import { signedHeaderVerifier } from './signed-header.ts'

/** The person who sends a request, if they came from the console. */
export interface Viewer {
  /** `owner`; further roles may follow. */
  readonly role: string
  readonly personId: string
  readonly email: string
  readonly name: string | undefined
}

const viewerIn = ({ role, personId, email, name }: JWTPayload): Viewer | undefined => {
  if (typeof role !== 'string' || typeof personId !== 'string' || typeof email !== 'string') return undefined
  return { role, personId, email, name: typeof name === 'string' ? name : undefined }
}

/** Verifies `x-sitewright-viewer`; see `signedHeaderVerifier`. */
export const viewerVerifier = (siteId: string, rootKey: string) =>
  signedHeaderVerifier({ siteId, rootKey, typ: 'sitewright-viewer+jwt', read: viewerIn })

export type VerifyViewer = ReturnType<typeof viewerVerifier>

/** The owner who sends a request; undefined for everybody else. */
export const ownerOf = async (request: IncomingMessage, verify: VerifyViewer): Promise<Viewer | undefined> => {
  const token = request.headers['x-sitewright-viewer']
  const viewer = await verify(typeof token === 'string' ? token : undefined)
  return viewer?.role === 'owner' ? viewer : undefined
}

/** @throws {Problem} 403 for everybody but the owner. */
export const requireOwner = async (request: IncomingMessage, verify: VerifyViewer): Promise<void> => {
  if ((await ownerOf(request, verify)) !== undefined) return
  throw new Problem(403, 'Only the owner of this site may do this. Open the site from the console, and try again.')
}
