import { readFileSync } from 'node:fs'
import { send } from './respond.ts'
import type { Answer } from './route.ts'

/** Answers with a file that never changes while the process lives. It is read on first use, so that a start does not wait. */
export const asset = (locate: () => URL, type: string): Answer => {
  let content: Buffer | undefined
  return ({ response }) => {
    content ??= readFileSync(locate())
    send(response, 200, type, content)
  }
}
