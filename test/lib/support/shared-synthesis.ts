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

/** Starts the one process that synthesises for all workers. It ends with the run, however that ends. */
export default async ({ provide, config }: TestProject): Promise<() => void> => {
  const program = fileURLToPath(new URL('./synthesis-process.ts', import.meta.url))
  const child = fork(program, { env: { ...process.env, ...config.env } })
  const [{ port }] = await once(child, 'message')
  provide('synthesis', `http://127.0.0.1:${port}`)
  return () => child.disconnect()
}
