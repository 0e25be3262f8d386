import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { type HookAnswer, maxAnswered } from '../../core/ports/hooks.ts'
import { failureOf } from './health-probe.ts'

/** `request` of `node:http` or `node:https`. */
export type Ask = (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest

/**
 * Posts, unless `method` says otherwise, with a new connection: a kept one might be of a process that has ended. Reads the
 * beginning of the answer. Never throws.
 * @param options.timeoutMilliseconds for everything, up to the end of what is read.
 */
export const postOnce = (
  ask: Ask,
  given: RequestOptions & { readonly body: string; readonly timeoutMilliseconds: number },
): Promise<HookAnswer> =>
  new Promise((resolve) => {
    const { body, timeoutMilliseconds, ...options } = given
    const signal = AbortSignal.timeout(timeoutMilliseconds)
    const give = (error: unknown): void => resolve(failureOf(signal.aborted ? signal.reason : error))
    try {
      const asking = ask({ method: 'POST', ...options, agent: false, signal }, (answer) => {
        const status = answer.statusCode ?? 0
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          text = `${text}${chunk}`.slice(0, maxAnswered)
          if (text.length === maxAnswered) answer.destroy()
        })
        // The status counts, also of an answer that breaks off.
        answer.on('error', () => {})
        answer.on('close', () => resolve({ status, text }))
      })
      asking.on('error', give)
      asking.end(body)
    } catch (error) {
      give(error)
    }
  })
