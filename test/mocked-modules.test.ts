import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** The relative paths that tests mock. Vitest accepts a path to nothing, and then mocks nothing. */
const mocked = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const calls = text.matchAll(
      /\bvi\.(?:mock|doMock|unmock|importActual)(?:<[^>]*>)?\(\s*(?:import\()?['"](\.[^'"]+)['"]/g,
    )
    return [...calls].map(([, path]) => ({ file, path: path! }))
  })

it('every module that a test mocks exists', () => {
  expect(mocked.length).toBeGreaterThan(0)
  const missing = mocked.filter(({ file, path }) => !existsSync(join(folder, dirname(file), path)))
  expect(missing).toEqual([])
})
