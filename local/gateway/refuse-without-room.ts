import type { IncomingMessage, ServerResponse } from 'node:http'
import { SitewrightError } from '../../core/errors.ts'
import { problemResponse } from '../../lambdas/_runtime/problem.ts'
import { sendResult } from './send-result.ts'

type Serve = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

const reads = ['GET', 'HEAD']

/** Refuses at once what a full disk could not keep, and says so where health is asked for; reading goes on. */
export const refuseWithoutRoom =
  (serve: Serve, isFull: () => Promise<boolean>): Serve =>
  async (request, response, url) => {
    const needsRoom = !reads.includes(request.method ?? '') || url.pathname === '/v1/health'
    if (!needsRoom || !(await isFull())) return serve(request, response, url)
    const message =
      'The disk of this host is full, so nothing new can be stored; what was stored is safe. Try again later, or free some space if this host is yours.'
    sendResult(request, response, problemResponse(new SitewrightError('Unavailable', message)))
  }
