import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openStripeScene } from './scene.ts'

it('a stand-in that is killed in the middle has lost nothing that it has answered for', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-stripe-'))
  try {
    const path = join(directory, 'stripe.sqlite')
    const program = fileURLToPath(new URL('killed-stand-in.ts', import.meta.url))
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    let told = ''
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString()
      if (told.length > 2000) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const ids = told.split('\n').slice(0, -1)
    expect(ids.length).toBeGreaterThan(20)
    await using scene = await openStripeScene({ path })
    const kept = new Set<string>()
    for await (const { id } of scene.stripe.customers.list({ limit: 100 })) kept.add(id)
    expect(ids.filter((id) => !kept.has(id))).toEqual([])
    // An event and what happened are written together.
    const announced = new Set<string>()
    for await (const { data } of scene.stripe.events.list({ limit: 100, type: 'customer.created' })) {
      announced.add((data.object as { id: string }).id)
    }
    expect(announced).toEqual(kept)
  } finally {
    await rm(directory, { recursive: true })
  }
})
