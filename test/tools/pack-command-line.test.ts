import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { packCommandLine } from '../../tools/pack-command-line.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'

it('the package of the command has its licence, and those of the packages in it', async () => {
  await using folder = await temporaryDirectory()
  const tarball = await packCommandLine(folder.path)
  const fileOf = (name: string) => execFileSync('tar', ['-xzOf', tarball, `package/${name}`], { encoding: 'utf8' })
  expect(fileOf('LICENSE')).toBe(await readFile('LICENSE', 'utf8'))
  const notices = fileOf('THIRD-PARTY.txt')
  for (const name of ['commander', 'yaml', 'zod']) expect(notices).toMatch(new RegExp(`^${name}\n[^]+?Copyright`, 'm'))
  // Node 20 ends at once where a module imports what it lacks.
  expect(fileOf('sitewright.mjs')).not.toContain('createZstd')
})
