import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for a synthesis. */
    readonly synthesis: string
  }
}

/**
 * Starts the one process that synthesises for all workers. It ends with the run, however that ends. It loads the stacks once, so a watching
 * Vitest does not see their changes.
 */
export default async ({ provide, config }: TestProject): Promise<() => void> => {
  const program = fileURLToPath(new URL('./synthesis-process.ts', import.meta.url))
  const child = fork(program, { env: { ...process.env, ...config.env } })
  const ended = once(child, 'exit').then(() => undefined)
  const [url] = (await Promise.race([once(child, 'message'), ended])) ?? []
  if (url === undefined) throw new Error('The process that synthesises has ended.')
  provide('synthesis', url)
  return () => {
    if (child.connected) child.disconnect()
  }
}
